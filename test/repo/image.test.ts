import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { type ReplayedImage, replayDockerfile } from './replay-dockerfile.js';
import { ROOT } from './repository.js';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
/** The image's user has no rights; a test that runs as root gives its place to `nobody`. */
const user = isRoot ? { uid: NOBODY, gid: NOBODY } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
/** Far beyond what it takes, also on a busy machine: the replay copies modules, the store makes its database. */
const DEADLINE_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'image-'));
let image: ReplayedImage;
let env: Record<string, string>;
let service: ChildProcess;
let output = '';

/** Runs a command of the image as its user. */
function runInImage(command: readonly string[]) {
  const [program = '', ...args] = command;
  return spawnSync(program, args, { cwd: image.workdir, env, encoding: 'utf8', ...user });
}

/** Waits until a health route answers 200. */
async function untilOk(path: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${env['PORT']}${path}`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    if (service.exitCode !== null || Date.now() > deadline) throw new Error(`${path} did not answer 200:\n${output}`);
    await delay(50);
  }
}

beforeAll(async () => {
  chmodSync(folder, 0o755);
  image = replayDockerfile({ context: ROOT, into: folder, user });
  env = {
    ...image.env,
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    ALLOW_EMBEDDED_STORE: 'true',
    DATA_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
    INDEX_KEY: 'only-for-this-test-only-for-this-test',
    INBOUND_USERNAME: 'openhim',
    INBOUND_PASSWORD: 'only-for-this-test',
    OPENHIM_REGISTER: 'false',
    NATIONAL_ID_SYSTEM: 'fhir',
    FHIR_BASE_URL: 'http://127.0.0.1:9/fhir',
  };
  const [program = '', ...args] = image.command;
  service = spawn(program, args, { cwd: image.workdir, env, stdio: ['ignore', 'pipe', 'pipe'], ...user });
  service.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  service.stderr?.on('data', (chunk) => {
    output += chunk;
  });
}, DEADLINE_MS);

afterAll(() => {
  service?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test(
  'is live with minimal settings',
  async () => {
    await untilOk('/health/live');
  },
  DEADLINE_MS,
);

test(
  'opens its store in the volume, as a user without rights, and is healthy',
  async () => {
    // The embedded engine keeps a busy machine from answering while it makes its database: hence only then.
    await untilOk('/health/ready');
    expect(runInImage(image.healthcheck)).toMatchObject({ status: 0, stderr: '' });
  },
  DEADLINE_MS,
);

test(
  'ends with 0 on SIGTERM, and is then no longer healthy',
  async () => {
    const ended = once(service, 'exit');
    service.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(runInImage(image.healthcheck).status).toBe(1);
  },
  DEADLINE_MS,
);

test("holds the administrator's commands under their name", () => {
  const { status, stdout } = runInImage([join(image.root, 'usr/local/bin/national-id-mediator'), '--help']);
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('system-client register') });
});
