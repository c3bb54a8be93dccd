import type { Settings, StoreSettings } from '../../config/index.js';
import {
  inspectFolder,
  inspectServer,
  type KeyStanding,
  type SchemaStanding,
  type ServerStanding,
  type StoreInspection,
} from '../../pipeline/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Logger } from '../../telemetry/index.js';
import { type Found, failed, ok, once, type Question, skipped, warning } from './finding.js';

const DURABILITY = 'Without it an acknowledged registration can be lost when the database server loses power.';
/** `local` and more: the commit is on this server's own disk when it is acknowledged. */
const DURABLE_COMMITS: ReadonlySet<string> = new Set(['local', 'on', 'remote_write', 'remote_apply']);

function judgeDurability({ fsync, synchronousCommit, fullPageWrites }: ServerStanding): Found {
  const wrong = [
    ...(fsync === 'on' ? [] : ['fsync=on']),
    ...(DURABLE_COMMITS.has(synchronousCommit) ? [] : ['synchronous_commit=on']),
    ...(fullPageWrites === 'on' ? [] : ['full_page_writes=on']),
  ];
  if (wrong.length === 0) {
    return ok(
      `fsync and full_page_writes are on, synchronous_commit is ${synchronousCommit}. The disk was not tested.`,
    );
  }
  const found = `fsync is ${fsync}, synchronous_commit ${synchronousCommit}, full_page_writes ${fullPageWrites}. `;
  return failed(`${found}${DURABILITY}`, `Set ${wrong.join(', ')} at the server, and for our role and database.`);
}

function judgeConnections({ connections }: ServerStanding, { poolSize = 16 }: { readonly poolSize?: number }): Found {
  const next = 'Lower DATABASE_POOL_SIZE or raise max_connections: the sum over all instances must fit.';
  const facts = `One instance takes up to ${poolSize} connections; the server has ${connections} for all its users.`;
  if (poolSize > connections) return failed(facts, next);
  return poolSize * 2 > connections ? warning(`${facts} Two instances do not fit.`, next) : ok(facts);
}

const LARGEST_SKEW_MS = 60_000;

function judgeServer({ version, readOnly, skewMs }: ServerStanding): Found {
  if (readOnly) {
    return failed(
      'The server takes no writes: it is a standby, or set to read only.',
      'Let DATABASE_URL lead to the primary server.',
    );
  }
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) > LARGEST_SKEW_MS) {
    const side = skewMs > 0 ? 'ahead of' : 'behind';
    return warning(`Its clock is ${seconds} s ${side} ours.`, 'Have the clocks of both hosts set by NTP.');
  }
  return ok(`PostgreSQL ${version} answers and takes writes.`);
}

function judgeEncryption({ encrypted }: ServerStanding, url: string): Found {
  if (encrypted) return ok('The connection is encrypted.');
  const { hostname } = new URL(url);
  if (['localhost', '127.0.0.1', '[::1]', ''].includes(hostname)) return ok('Not encrypted, on the same host.');
  return warning(
    'The connection is not encrypted: whoever can listen on the network sees registration numbers.',
    'Give the authority of the server in DATABASE_CA_FILE.',
  );
}

function judgeSchema({ version, wanted, missingRights }: SchemaStanding): Found {
  if (missingRights.length > 0) {
    return failed(
      `Our role may not ${missingRights.join('; ')}.`,
      'Grant it, or let our role own the schemas mediator and pgboss.',
    );
  }
  if (version === undefined) return ok('The tables are not there yet: the first start makes them.');
  if (version > wanted) {
    return failed(
      `The tables are of version ${version}, this mediator works with ${wanted}.`,
      'Start the newer mediator that has been at work here, or restore the backup from before it.',
    );
  }
  if (version === wanted) return ok(`The tables are of version ${version}, as this mediator wants them.`);
  return ok(`The tables are of version ${version}: the next start brings them to ${wanted}. Back up first.`);
}

function judgeEncryptionKeys({ inUse }: KeyStanding, { encryption }: Settings['keys']): Found {
  const given = new Set(encryption.map(({ id }) => id));
  const missing = inUse.filter(({ keyId }) => !given.has(keyId));
  const [writing] = encryption;
  if (missing.length > 0) {
    const list = missing.map(({ keyId, count }) => `${keyId} (${count})`).join(', ');
    return failed(`DATA_ENCRYPTION_KEY lacks keys in use: ${list}.`, 'Add them behind the first, as id:base64.');
  }
  const old = inUse.filter(({ keyId }) => keyId !== writing.id).reduce((sum, { count }) => sum + count, 0);
  if (old === 0) return ok(`Everything that is kept is encrypted with ${writing.id}.`);
  return ok(`${old} things are still encrypted with an older key: \`keys rotate\` encrypts them anew.`);
}

function judgeIndexKey({ index }: KeyStanding): Found {
  if (index === 'same') return ok('INDEX_KEY is the one that this store has been used with.');
  if (index === 'unknown') return skipped('The store has not been told its INDEX_KEY yet: the next start does.');
  return failed(
    'INDEX_KEY is another one than this store was used with: deaths would not find their births. The service refuses to start.',
    'Give the old INDEX_KEY. It must never change.',
  );
}

type Server = Extract<StoreSettings, { kind: 'postgres' }>;

function serverQuestions(settings: Settings, store: Server, inspection: StoreInspection): readonly Question[] {
  const next = 'Check DATABASE_URL (host, user, password, database) and DATABASE_CA_FILE.';
  const server = once(() => inspection.server());
  const keys = async (judge: (standing: KeyStanding) => Found): Promise<Found> => {
    const standing = await inspection.keys(settings.keys.index);
    return standing === undefined
      ? skipped('There are no tables yet, or our role may not read them.')
      : judge(standing);
  };
  const ask = (about: string, judge: (signal: AbortSignal) => Promise<Found>): Question => ({
    check: 'database',
    about,
    next,
    ask: judge,
  });
  return [
    ask('server', async (signal) => judgeServer(await server(signal))),
    ask('encryption', async (signal) => judgeEncryption(await server(signal), store.url)),
    ask('durability', async (signal) => judgeDurability(await server(signal))),
    ask('connections', async (signal) => judgeConnections(await server(signal), store)),
    ask('schema', async () => judgeSchema(await inspection.schema())),
    {
      check: 'keys',
      about: 'DATA_ENCRYPTION_KEY',
      next,
      ask: () => keys((found) => judgeEncryptionKeys(found, settings.keys)),
    },
    { check: 'keys', about: 'INDEX_KEY', next, ask: () => keys(judgeIndexKey) },
  ];
}

const FOLDER_WORDS: Readonly<Record<ReturnType<typeof inspectFolder>, Found>> = {
  new: ok('It can be written; the first start makes the store.'),
  free: ok('It can be written, and no process uses it.'),
  'in-use': ok('A mediator is at work in it.'),
  'not-writable': failed('It cannot be written.', 'Mount a folder there that the user of the service may write to.'),
};

/** The store, whichever it is, and the keys of what is in it. `close` gives the connections back. */
export function storeQuestions(
  deps: { readonly clock: Clock; readonly log: Logger },
  settings: Settings,
): { readonly questions: readonly Question[]; close(): Promise<void> } {
  const { store } = settings;
  if (store.kind === 'postgres') {
    const inspection = inspectServer(deps, store);
    return { questions: serverQuestions(settings, store, inspection), close: () => inspection.close() };
  }
  const next = 'Look at DATA_DIR.';
  const embedded = skipped('The embedded store is opened by the service alone, which checks its keys at the start.');
  return {
    questions: [
      { check: 'data-folder', next, ask: async () => FOLDER_WORDS[inspectFolder(store.dataDir)] },
      {
        check: 'database',
        next,
        ask: async () =>
          warning(
            'The embedded store survives a crash of the process, not a loss of power.',
            'Set DATABASE_URL to a PostgreSQL server before real registrations come in.',
          ),
      },
      { check: 'keys', next, ask: async () => embedded },
    ],
    close: async () => undefined,
  };
}
