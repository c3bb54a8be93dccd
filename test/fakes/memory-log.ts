import { createLogger, type RootLogger } from '../../src/telemetry/index.js';

export interface MemoryLog {
  readonly log: RootLogger;
  /** Every line written so far, as text. */
  readonly lines: readonly string[];
}

/** The real logger, writing into memory. */
export function createMemoryLog(level = 'debug'): MemoryLog {
  const lines: string[] = [];
  const log = createLogger(level, { write: (line: string) => void lines.push(line.trimEnd()) });
  return { log, lines };
}
