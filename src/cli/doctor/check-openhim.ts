import type { OpenHimSettings, Problem, Settings } from '../../config/index.js';
import { MediatorError, toMediatorError } from '../../errors/index.js';
import {
  type Change,
  createCoreApi,
  inspectChannels,
  inspectMediator,
  type MediatorConfig,
  type MediatorStanding,
  readConsoleValues,
} from '../../openhim/index.js';
import type { OutboundClient } from '../../outbound/index.js';
import { type Found, failed, ok, once, type Question, skipped, warning } from './finding.js';

type Channel = MediatorConfig['defaultChannelConfig'][number];

const SET_UP = 'Run `national-id-mediator openhim setup`, which repairs it.';

/** Where a channel differs in one of these, requests do not arrive; in others, something is lost on the way. */
const VITAL: ReadonlySet<string> = new Set([
  'urlPattern',
  'methods',
  'status',
  'authType',
  'allow',
  'route',
  'route host',
  'route port',
  'route secured',
  'route status',
  'route password',
  'another primary route',
]);

function judgeChannel({ result, why = '' }: Change): Found {
  if (result === 'unchanged') return ok('Installed as mediator.json has it.');
  if (result === 'created') return failed('The channel is missing: nothing comes in by it.', SET_UP);
  const words = `The channel differs from mediator.json in: ${why}.`;
  return why.split(', ').some((part) => VITAL.has(part)) ? failed(words, SET_UP) : warning(words, SET_UP);
}

/** Whether this is an address of ours and not one of OpenHIM. */
function isOurs(url: string | undefined, { endpoints: [endpoint] }: MediatorConfig): boolean {
  if (url === undefined || endpoint === undefined) return false;
  const { hostname, port, protocol } = new URL(url);
  return hostname === endpoint.host && (Number(port) || (protocol === 'https:' ? 443 : 80)) === endpoint.port;
}

/** Whether the caller for whom a channel is there goes past OpenHIM in this deployment. */
function goesPast({ urlPattern }: Channel, { opencrvs, nationalId }: Settings, mediator: MediatorConfig): boolean {
  const pattern = new RegExp(urlPattern);
  if (pattern.test('/opencrvs/webhooks')) return isOurs(opencrvs.subscription?.callbackUrl, mediator);
  const hub = nationalId.system === 'mosip' ? nationalId.mosip.callbackUrl : undefined;
  return pattern.test('/national-id/callback') && isOurs(hub, mediator);
}

function judgeRegistration(standing: MediatorStanding, { version }: MediatorConfig): Found {
  if (!standing.known) {
    return warning(
      'Core takes our credentials, and does not know this mediator yet.',
      'Start it: it registers itself.',
    );
  }
  if (standing.fault === undefined) return ok(`Core takes our credentials and holds mediator.json ${version}.`);
  return warning(standing.fault, 'Deleted in the console, it loses the settings that were made there.');
}

function judgeConsole(standing: MediatorStanding, settings: Settings, mediator: MediatorConfig): Found {
  if (!standing.known) return skipped('This mediator is not registered yet.');
  const problems: Problem[] = [];
  const values = readConsoleValues(standing.config, mediator.config, problems);
  const names = Object.keys(values);
  try {
    settings.underConsole(values);
  } catch (thrown) {
    return failed(
      toMediatorError(thrown).message,
      'Correct it in the console: until then the service keeps what it had.',
    );
  }
  if (problems.length > 0) {
    return warning(`Ignored: ${problems.map(({ setting }) => setting).join(', ')}.`, 'Correct it in the console.');
  }
  if (names.length === 0) return ok('The console changes no setting.');
  return ok(`The console sets ${names.join(', ')}; the other checks looked at the values of the deployment.`);
}

/** Our user, what core holds of us and what the console says, and each channel. `outbound` trusts what core shows. */
export function openhimQuestions(
  { outbound }: { readonly outbound: OutboundClient },
  settings: Settings,
  openhim: OpenHimSettings,
  mediator: MediatorConfig,
): readonly Question[] {
  const core = createCoreApi({ outbound }, openhim);
  const ask = (about: string, work: (signal: AbortSignal) => Promise<Found>): Question => ({
    check: 'openhim',
    about,
    next: 'Check OPENHIM_API_URL, OPENHIM_USERNAME, OPENHIM_PASSWORD, and what the user may do.',
    ask: work,
  });
  const standing = once((signal) => inspectMediator(core, mediator, signal));
  const changes = once(async (signal) => {
    await standing(signal);
    return inspectChannels(core, mediator);
  });

  const channel = async (wanted: Channel, index: number, signal: AbortSignal): Promise<Found> => {
    try {
      const change = (await changes(signal))[index];
      if (change === undefined) return skipped('Not compared.');
      const isNeeded = change.result !== 'created' || !goesPast(wanted, settings, mediator);
      return isNeeded ? judgeChannel(change) : skipped('Missing, and not needed: its caller comes to us directly.');
    } catch (thrown) {
      const isForbidden = thrown instanceof MediatorError && thrown.code === 'peer_unauthorized';
      if (!isForbidden) throw thrown;
      return skipped('Our user may not read channels: `openhim setup --dry-run` looks as an administrator.');
    }
  };

  return [
    ask('registration', async (signal) => judgeRegistration(await standing(signal), mediator)),
    ...(settings.consoleSettings
      ? [ask('console', async (signal) => judgeConsole(await standing(signal), settings, mediator))]
      : []),
    ...mediator.defaultChannelConfig.map((wanted, index) =>
      ask(`channel ${wanted.name}`, (signal) => channel(wanted, index, signal)),
    ),
  ];
}
