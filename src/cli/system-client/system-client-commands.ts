import type { ParseArgsOptionsConfig } from 'node:util';
import {
  type ClientCredentials,
  createSystemClients,
  type OpenCrvsVersion,
  type SystemClients,
} from '../../opencrvs/index.js';
import { createOutboundClient } from '../../outbound/index.js';
import { systemClock } from '../../runtime/index.js';
import { createMetrics } from '../../telemetry/index.js';
import { type Command, EXIT, type Terminal, UsageError } from '../command.js';
import { type Options, parseOptions } from '../options.js';
import { environmentLines, openCredentialFiles } from './credential-files.js';
import { COMMON_HELP, REGISTER_HELP, SECRETS_HELP, WHICH_HELP } from './help.js';
import { addressOf, clientOf, NEW, newClientOf, SECRETS, TARGET, useOf, versionOf, WHICH } from './options.js';
import { readAdminToken, refuseTokenArguments } from './token-input.js';

/** Does the work with the system clients that the options lead to. */
async function withClients<T>(
  options: Options<typeof TARGET>,
  terminal: Terminal,
  work: (clients: SystemClients) => Promise<T>,
): Promise<T> {
  const version = versionOf(options);
  const address = addressOf(options);
  let read: Promise<string> | undefined;
  const token = (): Promise<string> => {
    read ??= readAdminToken(options['token-file'], terminal);
    return read;
  };
  const outbound = createOutboundClient({ clock: systemClock, metrics: createMetrics() });
  try {
    return await work(createSystemClients({ outbound, clock: systemClock }, { version, address, token }));
  } finally {
    await outbound.close();
  }
}

function parsed<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T): Options<T> {
  refuseTokenArguments(args);
  return parseOptions(args, options);
}

/** Where the credentials go: decided, and proved to work, before OpenCRVS makes them. */
function destination(
  options: Options<typeof SECRETS>,
  terminal: Terminal,
  clientId?: string,
): (credentials: ClientCredentials, version: OpenCrvsVersion) => void {
  const { out, print } = options;
  const use = useOf(options);
  if ((out === undefined) === (print !== true)) {
    throw new UsageError('Say where the secrets go: --out DIR writes them to files, --print shows them.');
  }
  const files = out === undefined ? undefined : openCredentialFiles(out, use, clientId);
  return (credentials, { tokenMode }) => {
    terminal.out(files === undefined ? environmentLines(credentials, use) : files.write(credentials));
    terminal.out(`OPENCRVS_TOKEN_MODE=${tokenMode}\n`);
  };
}

const register: Command = {
  name: 'system-client register',
  synopsis: '--version VERSION ADDRESS --type TYPE --name NAME (--out DIR | --print) [--token-file FILE]',
  summary: 'registers a system client and keeps its credentials',
  help: `${REGISTER_HELP}\n${COMMON_HELP}\n${SECRETS_HELP}`,
  async run(args, terminal) {
    const options = parsed(args, { ...TARGET, ...NEW, ...SECRETS });
    const version = versionOf(options);
    const client = newClientOf(options);
    const keep = destination(options, terminal);
    keep(await withClients(options, terminal, (clients) => clients.register(client)), version);
    terminal.say('The client is registered. Its client secret is shown by OpenCRVS this one time.\n');
    return EXIT.ok;
  },
};

const refreshSecret: Command = {
  name: 'system-client refresh-secret',
  synopsis: '--version VERSION ADDRESS --client-id ID (--out DIR | --print) [--token-file FILE]',
  summary: 'makes a new client secret; the old one ends at once (1.2 and later)',
  help: `${COMMON_HELP}\n${SECRETS_HELP}`,
  async run(args, terminal) {
    const options = parsed(args, { ...TARGET, 'client-id': WHICH['client-id'], ...SECRETS });
    const version = versionOf(options);
    const id = options['client-id'];
    if (id === undefined || id.trim() === '') throw new UsageError('--client-id is missing.');
    const keep = destination(options, terminal, id);
    keep(await withClients(options, terminal, (clients) => clients.refreshSecret(id)), version);
    terminal.say('The client has a new secret. The sha_secret is unchanged.\n');
    return EXIT.ok;
  },
};

/** A command that changes one client and has nothing to show but that it did. */
function changing(
  facts: Pick<Command, 'name' | 'summary'>,
  change: (clients: SystemClients, id: string) => Promise<void>,
  done: (version: OpenCrvsVersion) => string,
): Command {
  return {
    ...facts,
    synopsis: '--version VERSION ADDRESS --client-id ID [--token-file FILE]',
    help: `${WHICH_HELP}\n${COMMON_HELP}`,
    async run(args, terminal) {
      const options = parsed(args, { ...TARGET, ...WHICH });
      const version = versionOf(options);
      const id = clientOf(options, version);
      await withClients(options, terminal, (clients) => change(clients, id));
      terminal.say(`${done(version)}\n`);
      return EXIT.ok;
    },
  };
}

const webhooksGoOn = ({ api }: OpenCrvsVersion): string =>
  api === 'integrations' ? '' : ' What it subscribed to is still delivered as long as the subscriptions are there.';

const deactivate = changing(
  { name: 'system-client deactivate', summary: 'stops a client: it gets no more tokens' },
  (clients, id) => clients.deactivate(id),
  (version) => `The client is deactivated. Tokens that it has stay valid until they end.${webhooksGoOn(version)}`,
);

const reactivate = changing(
  { name: 'system-client reactivate', summary: 'lets a stopped client work again' },
  (clients, id) => clients.reactivate(id),
  () => 'The client is active again.',
);

const remove = changing(
  { name: 'system-client delete', summary: 'deletes a client for good (1.2 and later)' },
  (clients, id) => clients.remove(id),
  (version) => `The client is deleted.${webhooksGoOn(version)}`,
);

const list: Command = {
  name: 'system-client list',
  synopsis: '--version VERSION ADDRESS [--token-file FILE]',
  summary: 'shows the clients, without their secrets (1.2 and later, not through a 1.x gateway)',
  help: COMMON_HELP,
  async run(args, terminal) {
    const options = parsed(args, TARGET);
    const found = await withClients(options, terminal, (clients) => clients.list());
    for (const { clientId, status, rights, name } of found) {
      terminal.out(`${[clientId, status, rights.join(' '), name].join('\t')}\n`);
    }
    return EXIT.ok;
  },
};

/** `system-client …`: the clients of other systems, ours among them, as OpenCRVS keeps them. */
export const systemClientCommands: readonly Command[] = [register, deactivate, reactivate, refreshSecret, remove, list];
