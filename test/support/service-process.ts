import { spawn } from 'node:child_process';
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
  /** Resolves with the milliseconds after the start at which this path was first answered with 200. */
  answers(path: '/health/live' | '/health/ready'): Promise<number>;
}

/** Starts a mediator with exactly this environment. `main`: another entry point than the service's own. */
export function startProcess(
  environment: Readonly<Record<string, string>>,
  main: string = 'src/main.ts',
): ServiceProcess {
  const startedAt = Date.now();
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
      return Date.now() - startedAt;
    },
  };
}
