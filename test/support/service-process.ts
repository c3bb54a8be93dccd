import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './until.js';

const ROOT = join(import.meta.dirname, '..', '..');

/** How a process ended: with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A mediator in a process of its own, run from its source. */
export interface ServiceProcess {
  readonly pid: number;
  /** What it has logged so far. */
  readonly lines: readonly string[];
  /** What it has written to standard error so far. */
  readonly errors: readonly string[];
  readonly exited: Promise<Exit>;
  /** Sends a signal; resolves with the end of the process. Harmless when it has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<Exit>;
  /** Resolves when this path is first answered with 200. */
  answers(path: '/health/live' | '/health/ready'): Promise<void>;
  /** Milliseconds of processor time spent so far, which a busy machine does not stretch; `undefined` where only Linux tells. */
  processorMs(): number | undefined;
}

/** Clock ticks of `/proc`: 100 a second on every Linux that Node runs on. */
const TICK_MS = 10;

/** Fields 14 and 15 of proc(5) `stat`, counted after the name, which may hold spaces. */
function processorMsOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Starts a mediator with exactly this environment. `main`: another entry point than the service's own. */
export function startProcess(
  environment: Readonly<Record<string, string>>,
  main: string = 'src/main.ts',
): ServiceProcess {
  const loader = main.endsWith('.ts') ? ['--import', './scripts/typescript-imports.mjs'] : [];
  const child = spawn(process.execPath, [...loader, main], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [lines, errors]: [string[], string[]] = [[], []];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  createInterface(child.stderr).on('line', (line) => errors.push(line));
  let hasEnded = false;
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      hasEnded = true;
      resolve({ code, signal });
    });
  });

  return {
    pid: child.pid ?? 0,
    lines,
    errors,
    exited,
    end(signal) {
      if (!hasEnded) child.kill(signal);
      return exited;
    },
    processorMs: () => processorMsOf(child.pid ?? 0),
    async answers(path) {
      await until(
        async () => {
          if (hasEnded) throw new Error(`the mediator has ended: ${errors.join('\n')}`);
          const response = await fetch(`http://127.0.0.1:${environment['PORT']}${path}`).catch(() => undefined);
          return response?.status === 200;
        },
        `the mediator answers ${path}`,
        30_000,
      );
    },
  };
}
