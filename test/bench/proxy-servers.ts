import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import { startPostgres } from '../support/postgres-server.js';
import { until } from '../support/until.js';

const ROOT = join(import.meta.dirname, '..', '..');
const NGINX = '/usr/sbin/nginx';
const RUN = ['--disable-warning=ExperimentalWarning', '--import', './scripts/typescript-imports.mjs'];

/** Credentials that callers of the mediator's `/fhir` present. */
export const CREDENTIALS = `Basic ${btoa('openhim:benchmark-password')}`;

/** Addresses of the servers, each in a process of its own. */
export interface ProxyServers {
  readonly upstream: string;
  /** Undefined where nginx is not installed. */
  readonly nginx: string | undefined;
  readonly mediator: string;
  readonly naive: string;
  /** Processor time that one of the processes has used so far, in microseconds; undefined where the system does not tell. */
  cpuMicros(server: 'mediator' | 'naive'): number | undefined;
  stop(): Promise<void>;
}

/** Of a clock tick in `/proc` (USER_HZ), which is the same on every Linux. */
const TICK_MICROS = 10_000;

function cpuMicros(pid: number | undefined): number | undefined {
  const file = `/proc/${pid}/stat`;
  if (pid === undefined || !existsSync(file)) return undefined;
  // After the name in brackets: user and system time are the 12th and 13th field (proc(5), fields 14 and 15).
  const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
}

/** A plain reverse proxy that keeps its connections: nginx as one would set it up for this. */
function nginxConfiguration(folder: string, port: number, upstream: number): string {
  return `
    daemon off; worker_processes auto; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 1000000;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      upstream fhir { server 127.0.0.1:${upstream}; keepalive 64; keepalive_requests 1000000; }
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://fhir; proxy_http_version 1.1; proxy_set_header Connection ""; }
      }
    }`;
}

/** Starts all servers and waits until each answers. */
export async function startProxyServers(): Promise<ProxyServers> {
  const folder = mkdtempSync(join(tmpdir(), 'mediator-bench-'));
  const postgres = await startPostgres();
  const children: ChildProcess[] = [];
  const run = (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] });
    children.push(child);
    return child;
  };
  const [upstream, nginx, mediator, naive] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const address = (port: number): string => `http://127.0.0.1:${port}`;
  const hasNginx = existsSync(NGINX);

  run(process.execPath, [...RUN, 'test/bench/proxy-upstream.ts', String(upstream)]);
  const naiveProcess = run(process.execPath, [...RUN, 'test/bench/proxy-naive.ts', String(naive), address(upstream)]);
  // A profile of the mediator for Chrome's tools, left in the folder of temporary files.
  const flags = process.argv.includes('--cpu-prof') ? ['--cpu-prof', '--cpu-prof-dir', tmpdir()] : [];
  const mediatorProcess = run(process.execPath, [...RUN, ...flags, 'src/main.ts'], {
    HOST: '127.0.0.1',
    PORT: String(mediator),
    DATABASE_URL: postgres.url,
    DATA_ENCRYPTION_KEY: Buffer.alloc(32, 'k').toString('base64'),
    INDEX_KEY: 'a key for nothing but this benchmark',
    NATIONAL_ID_SYSTEM: 'fhir',
    FHIR_BASE_URL: `${address(upstream)}/fhir`,
    INBOUND_USERNAME: 'openhim',
    INBOUND_PASSWORD: 'benchmark-password',
    OPENHIM_REGISTER: 'false',
  });
  if (hasNginx) {
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, nginxConfiguration(folder, nginx, upstream));
    run(NGINX, ['-c', file, '-e', join(folder, 'error.log')]);
  }
  const answers = async (url: string): Promise<boolean> => {
    const response = await fetch(url, { headers: { authorization: CREDENTIALS } }).catch(() => undefined);
    return response?.status === 200;
  };
  const stop = async (): Promise<void> => {
    const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ended = running.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of running) child.kill('SIGTERM');
    await Promise.all(ended);
    await postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const port of [upstream, naive, mediator, ...(hasNginx ? [nginx] : [])]) {
      await until(() => answers(`${address(port)}/fhir/Patient/1`), `the server on port ${port} answers`, 30_000);
    }
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    upstream: address(upstream),
    nginx: hasNginx ? address(nginx) : undefined,
    mediator: address(mediator),
    naive: address(naive),
    cpuMicros: (server) => cpuMicros((server === 'naive' ? naiveProcess : mediatorProcess).pid),
    stop,
  };
}
