import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StoreSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { Database, Sql } from './database.js';
import { lockFolder } from './folder-lock.js';
import { type IndexKeyStanding, indexKeyStanding } from './index-key.js';
import { createNotes } from './notes.js';
import { openPostgres } from './postgres.js';
import { SCHEMA_VERSION } from './schema.js';
import { type KeyUse, keysInUse } from './sealed-columns.js';

/** What a database server says about itself, as far as it matters for events that must not be lost. */
export interface ServerStanding {
  readonly version: string;
  readonly encrypted: boolean;
  readonly readOnly: boolean;
  readonly fsync: string;
  readonly synchronousCommit: string;
  readonly fullPageWrites: string;
  /** Connections for users who are no superusers. */
  readonly connections: number;
  /** How far the server's clock is ahead of ours. */
  readonly skewMs: number;
}

/** The tables of the mediator. `version` is undefined before the first start. */
export interface SchemaStanding {
  readonly version: number | undefined;
  readonly wanted: number;
  /** What the role lacks, in plain words. */
  readonly missingRights: readonly string[];
}

export interface KeyStanding {
  readonly inUse: readonly KeyUse[];
  readonly index: IndexKeyStanding;
}

/** Looks into the store. Writes nothing. */
export interface StoreInspection {
  server(): Promise<ServerStanding>;
  schema(): Promise<SchemaStanding>;
  /** Undefined where the tables are not there yet, or the role may not read them. */
  keys(indexKey: string): Promise<KeyStanding | undefined>;
  close(): Promise<void>;
}

async function askServer(sql: Sql, clock: Clock): Promise<ServerStanding> {
  const before = clock.now();
  const [row] = await sql.query<
    Record<'version' | 'fsync' | 'commit' | 'pages' | 'read_only', string> & {
      encrypted: boolean | null;
      connections: number;
      now_ms: number;
    }
  >(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit, current_setting('full_page_writes') as pages,
       current_setting('transaction_read_only') as read_only,
       (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted,
       current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
         as connections,
       (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms`,
  );
  if (row === undefined) throw new MediatorError('store_unavailable');
  return {
    version: row.version,
    encrypted: row.encrypted === true,
    readOnly: row.read_only === 'on',
    fsync: row.fsync,
    synchronousCommit: row.commit,
    fullPageWrites: row.pages,
    connections: row.connections,
    skewMs: row.now_ms - (before + clock.now()) / 2,
  };
}

/** What the role may not do and has to: make the schemas at the first start, use and extend them afterwards. */
async function missingRights(sql: Sql): Promise<readonly string[]> {
  const rows = await sql.query<{ lacks: string }>(
    `select lacks from (
       select 1 as rank, 'create schemas in the database' as lacks
       where (select count(*) from pg_namespace where nspname in ('mediator', 'pgboss')) < 2
         and not has_database_privilege(current_database(), 'CREATE')
       union all
       select 2, 'use or extend the schema ' || nspname from pg_namespace where nspname in ('mediator', 'pgboss')
         and not (has_schema_privilege(oid, 'USAGE') and has_schema_privilege(oid, 'CREATE'))
       union all
       select 3, 'read and write ' || n.nspname || '.' || c.relname from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('mediator', 'pgboss') and c.relkind in ('r', 'p')
         and not (has_table_privilege(c.oid, 'SELECT') and has_table_privilege(c.oid, 'INSERT')
           and has_table_privilege(c.oid, 'UPDATE') and has_table_privilege(c.oid, 'DELETE'))
     ) as found order by rank, lacks limit 5`,
  );
  return rows.map(({ lacks }) => lacks);
}

async function isReadable(sql: Sql, table: string): Promise<boolean> {
  const [row] = await sql.query<{ readable: boolean | null }>(
    `select has_table_privilege(to_regclass($1)::oid, 'SELECT') as readable`,
    [table],
  );
  return row?.readable === true;
}

async function askSchema(sql: Sql): Promise<SchemaStanding> {
  const rights = await missingRights(sql);
  const standing = { wanted: SCHEMA_VERSION, missingRights: rights };
  if (!(await isReadable(sql, 'mediator.migration'))) return { ...standing, version: undefined };
  const [row] = await sql.query<{ version: number | null }>('select max(version) as version from mediator.migration');
  return { ...standing, version: row?.version ?? undefined };
}

async function askKeys(sql: Sql, indexKey: string): Promise<KeyStanding | undefined> {
  for (const table of ['mediator.event', 'mediator.callback', 'mediator.note']) {
    if (!(await isReadable(sql, table))) return undefined;
  }
  return { inUse: await keysInUse(sql), index: await indexKeyStanding(createNotes(sql), indexKey) };
}

/** What the driver's codes mean; its own words may hold the address. */
const FAULTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The name of the database server is not known.',
  ECONNREFUSED: 'Nobody listens at the address of the database server.',
  '28P01': 'The database server refuses the password.',
  '28000': 'The database server does not let this role in from here, or not without encryption.',
  '3D000': 'The database server has no database of this name.',
  '53300': 'The database server has no connection left.',
  '57P03': 'The database server is starting up or shutting down.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the database server is made out to another host.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the database server is not trusted.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the database server is not trusted.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the database server is not trusted.',
  CERT_HAS_EXPIRED: 'The certificate of the database server has expired.',
};

/** Tells what the database throws in words for an operator. */
async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof MediatorError) throw thrown;
    const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : 'no code';
    const message = FAULTS[code] ?? `The database cannot be used (${code}).`;
    throw new MediatorError('store_unavailable', { message, cause: thrown });
  }
}

/** Connects to a database server at the first question. Every question throws MediatorError `store_unavailable`. */
export function inspectServer(
  deps: { readonly log: Logger; readonly clock: Clock },
  { url }: Extract<StoreSettings, { kind: 'postgres' }>,
  open: () => Database = () => openPostgres(deps, url),
): StoreInspection {
  const database = open();
  return {
    server: () => inWords(askServer(database, deps.clock)),
    schema: () => inWords(askSchema(database)),
    keys: (indexKey) => inWords(askKeys(database, indexKey)),
    close: () => database.close(),
  };
}

/** How the folder of an embedded store is found. `in-use`: by a service that runs. */
export type FolderStanding = 'new' | 'free' | 'in-use' | 'not-writable';

/** Looks at the folder of an embedded store. Its engine is not started: that would write. */
export function inspectFolder(folder: string): FolderStanding {
  const nearest = existsSync(folder) ? folder : dirname(folder);
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch {
    // Why does not matter: the service could not use it either.
    return 'not-writable';
  }
  if (!existsSync(join(folder, 'pglite'))) return 'new';
  try {
    lockFolder(folder)();
    return 'free';
  } catch (thrown) {
    if (thrown instanceof MediatorError && thrown.code === 'store_locked') return 'in-use';
    throw thrown;
  }
}
