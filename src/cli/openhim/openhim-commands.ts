import {
  type Change,
  createCoreApi,
  loadMediatorConfig,
  MEDIATOR_FILE,
  routingTo,
  setUpOpenHim,
} from '../../openhim/index.js';
import { createOutboundClient } from '../../outbound/index.js';
import { systemClock } from '../../runtime/index.js';
import { createMetrics } from '../../telemetry/index.js';
import { type Command, EXIT, type Terminal } from '../command.js';
import { parseOptions } from '../options.js';
import { readAdminPassword, refusePasswordArguments } from './admin-password.js';
import { SETUP_HELP } from './help.js';
import { checkAtMediator, inboundOf } from './inbound.js';
import { openPasswordFolder, type PasswordFolder } from './password-folder.js';
import { SETUP, type SetupCall, setupCallOf } from './setup-options.js';
import { environmentOf, tableOf } from './setup-report.js';

const WAITS = `The mediator does not take the new inbound password yet, so the channels keep the old one. Start it anew with the
settings above, then run this again without --rotate-inbound.
`;

/** Does the work at core, and gives what was done. */
async function apply(call: SetupCall, folder: PasswordFolder, password: string): Promise<readonly Change[]> {
  const inbound = inboundOf(folder, call.inbound);
  const mediator = loadMediatorConfig(MEDIATOR_FILE, {
    ...routingTo(call.mediatorUrl),
    ...(inbound === undefined ? {} : { inbound }),
  });
  const [endpoint] = mediator.endpoints;
  const mediatorUrl = call.mediatorUrl ?? `http://${endpoint?.host}:${endpoint?.port}`;
  const outbound = createOutboundClient({ clock: systemClock, metrics: createMetrics() }, { trust: call.trust });
  const coreAs = (username: string, word: string) =>
    createCoreApi({ outbound }, { apiUrl: call.apiUrl, username, password: word });
  try {
    return await setUpOpenHim(
      {
        core: coreAs(call.username, password),
        coreAs,
        passwords: folder,
        inboundCheck:
          inbound === undefined
            ? async () => 'keep'
            : checkAtMediator({ outbound }, mediatorUrl, inbound, call.inbound),
      },
      { ...call, mediator },
    );
  } finally {
    await outbound.close();
  }
}

async function setUp(args: readonly string[], terminal: Terminal): Promise<number> {
  refusePasswordArguments(args);
  const options = parseOptions(args, SETUP);
  const call = setupCallOf(options, terminal.environment);
  const password = await readAdminPassword(options['password-file'], terminal);
  const folder = openPasswordFolder(call.out, call);
  const changes = await apply(call, folder, password);
  terminal.out(tableOf(changes, call));
  if (call.dryRun) {
    terminal.say('This was a dry run: nothing was changed.\n');
    return EXIT.ok;
  }
  const settings = environmentOf(folder, {
    OPENHIM_API_URL: call.apiUrl,
    OPENHIM_USERNAME: call.mediatorUser,
    INBOUND_USERNAME: call.inbound.username,
    MEDIATOR_URL: call.mediatorUrl,
    OPENHIM_REPORT_OUTCOME: call.reportsOutcomes ? 'true' : undefined,
  });
  terminal.out(`\n${settings}`);
  if (!changes.some(({ result }) => result === 'waits')) return EXIT.ok;
  terminal.say(WAITS);
  return EXIT.failed;
}

/** `openhim …`: what an administrator of OpenHIM does once, and again after an upgrade. */
export const openhimCommands: readonly Command[] = [
  {
    name: 'openhim setup',
    synopsis: '--username ADMIN --out DIR [--core-url URL] [--mediator-url URL] [--dry-run]',
    summary: "makes the mediator's user, role, channels and clients in OpenHIM, and repairs them",
    help: SETUP_HELP,
    run: setUp,
  },
];
