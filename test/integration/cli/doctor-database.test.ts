import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { loadSettings } from '../../../src/config/index.js';
import { createService } from '../../../src/service.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { run } from '../../fakes/memory-terminal.js';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.js';
import { until } from '../../support/until.js';

const Findings = z.object({
  findings: z.array(
    z.object({
      check: z.string(),
      about: z.string().optional(),
      state: z.string(),
      detail: z.string(),
      next: z.string().optional(),
    }),
  ),
});

let server: PostgresServer;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  server = await startPostgres({ durable: true });
  environment = {
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: server.url,
    DATA_ENCRYPTION_KEY: `first:${randomBytes(32).toString('base64')}`,
    INDEX_KEY: randomBytes(32).toString('hex'),
    OPENHIM_REGISTER: 'false',
    NATIONAL_ID_SYSTEM: 'fhir',
    FHIR_BASE_URL: 'http://127.0.0.1:9/fhir',
  };
}, 60_000);
afterAll(() => server.remove());

async function examine(changes: Readonly<Record<string, string>> = {}) {
  const given = { ...environment, ...changes };
  const { code, out } = await run(['doctor', '--json', '--only', 'database,keys'], { environment: given });
  const { findings } = Findings.parse(JSON.parse(out));
  const about = (name: string) => findings.find((finding) => finding.about === name);
  return { code, findings, about };
}

/** Starts the service until its store is open, or until it says that it never will be. */
async function startOnce(changes: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
  let fatal: string | undefined;
  const { log, lines } = createMemoryLog();
  const service = createService(loadSettings({ ...environment, ...changes }), {
    log,
    onFatal: ({ message }) => {
      fatal = message;
    },
  });
  await service.start();
  await until(() => fatal !== undefined || lines.some((line) => line.includes('store.opened')), 'the store is open');
  await service.stop();
  return fatal;
}

test('a new database: it answers, keeps its promises, and has no tables yet', async () => {
  const { code, findings, about } = await examine();
  expect(findings.filter(({ state }) => state === 'failed' || state === 'warning')).toEqual([]);
  expect(about('schema')?.detail).toContain('not there yet');
  expect(about('INDEX_KEY')?.state).toBe('skipped');
  expect(code).toBe(0);
});

describe('once the service has been at work', () => {
  beforeAll(async () => {
    expect(await startOnce()).toBeUndefined();
  }, 60_000);

  test('tables and keys are as they should be', async () => {
    const { code, about } = await examine();
    expect([about('schema')?.state, about('INDEX_KEY')?.state, about('DATA_ENCRYPTION_KEY')?.state]).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
    expect(code).toBe(0);
  });

  test.each([
    {
      name: 'synchronous_commit is off',
      break: ['alter database postgres set synchronous_commit = off'],
      heal: ['alter database postgres reset synchronous_commit'],
      about: 'durability',
      detail: 'synchronous_commit off',
      next: 'Set synchronous_commit=on',
    },
    {
      name: 'the database takes no writes',
      break: ['alter database postgres set default_transaction_read_only = on'],
      heal: ['set default_transaction_read_only = off', 'alter database postgres reset default_transaction_read_only'],
      about: 'server',
      detail: 'takes no writes',
      next: 'primary',
    },
    {
      name: 'the tables are of a newer mediator',
      break: ['insert into mediator.migration (version) values (900)'],
      heal: ['delete from mediator.migration where version = 900'],
      about: 'schema',
      detail: 'of version 900',
      next: 'newer mediator',
    },
    {
      name: 'a key is missing',
      break: [
        `insert into mediator.callback (id, delivery_id, system, state, payload_sealed, payload_key_id)
         values (gen_random_uuid(), 'd', 'mosip', 'kept', 'x', 'lost')`,
      ],
      heal: ['delete from mediator.callback'],
      about: 'DATA_ENCRYPTION_KEY',
      detail: 'lacks keys in use: lost (1)',
      next: 'id:base64',
    },
  ])('$name', async ({ break: harm, heal, about: subject, detail, next }) => {
    await server.execute(...harm);
    const { code, about } = await examine();
    await server.execute(...heal);
    expect(about(subject)).toMatchObject({ state: 'failed', detail: expect.stringContaining(detail) });
    expect(about(subject)?.next).toContain(next);
    expect(code).toBe(1);
  });

  test('another INDEX_KEY: the doctor says so, and the service refuses to start', async () => {
    const other = { INDEX_KEY: randomBytes(32).toString('hex') };
    const { code, about } = await examine(other);
    expect(about('INDEX_KEY')).toMatchObject({ state: 'failed', detail: expect.stringContaining('another one') });
    expect(code).toBe(1);
    expect(await startOnce(other)).toContain('INDEX_KEY is not the one');
    expect(await startOnce()).toBeUndefined();
  }, 60_000);

  test('a role that may not write', async () => {
    await server.execute(
      'create role reader login',
      'grant usage on schema mediator to reader',
      'grant select on all tables in schema mediator to reader',
    );
    const { about } = await examine({ DATABASE_URL: server.url.replace('postgres@', 'reader@') });
    expect(about('schema')).toMatchObject({ state: 'failed', detail: expect.stringContaining('Our role may not') });
  });

  test.each([
    {
      name: 'a database that is not there',
      url: () => server.url.replace(/postgres$/, 'nowhere'),
      detail: 'no database',
    },
    { name: 'no server', url: () => 'postgres://a@127.0.0.1:9/b', detail: 'Nobody listens' },
  ])('$name', async ({ url, detail }) => {
    const { code, about } = await examine({ DATABASE_URL: url() });
    expect(about('server')).toMatchObject({ state: 'failed', detail: expect.stringContaining(detail) });
    expect(code).toBe(1);
  });
});
