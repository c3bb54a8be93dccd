import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { MediatorError } from '../errors/index.js';

/**
 * The fields a log line may carry: an allow-list. Registration numbers and tracking ids are allowed because operators
 * search by them; names, dates of birth, addresses, identity numbers, tokens, secrets and bodies have no field.
 */
export interface LogFields {
  readonly event?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly transactionId?: string | undefined;
  readonly eventId?: string | undefined;
  readonly kind?: string | undefined;
  readonly registrationNumber?: string | undefined;
  readonly trackingId?: string | undefined;
  readonly state?: string | undefined;
  readonly step?: string | undefined;
  readonly attempt?: number | undefined;
  readonly peer?: string | undefined;
  readonly operation?: string | undefined;
  readonly topic?: string | undefined;
  readonly method?: string | undefined;
  readonly route?: string | undefined;
  readonly status?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly waitMs?: number | undefined;
  readonly count?: number | undefined;
  readonly setting?: string | undefined;
  readonly reason?: string | undefined;
  readonly err?: unknown;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** `error`: a person must act now. `warn`: it will be retried. `info`: one line a request or step. `debug`: choices. */
export type Logger = Record<LogLevel, (fields: LogFields, message: string) => void> & {
  child(fields: LogFields): Logger;
  flush(): void;
};

/** The logger of the process: its level can be changed while it runs, for all its children too. */
export type RootLogger = Logger & { setLevel(level: string): void };

const FIELD_NAMES: ReadonlySet<string> = new Set<keyof LogFields>([
  'event',
  'correlationId',
  'transactionId',
  'eventId',
  'kind',
  'registrationNumber',
  'trackingId',
  'state',
  'step',
  'attempt',
  'peer',
  'operation',
  'topic',
  'method',
  'route',
  'status',
  'durationMs',
  'waitMs',
  'count',
  'setting',
  'reason',
]);

/** Picks the safe facts of an error. The message of an error that is not ours may hold data and is left out. */
function describeError(thrown: unknown): Record<string, unknown> {
  if (thrown instanceof MediatorError) {
    const cause = thrown.cause === undefined ? {} : { cause: describeError(thrown.cause) };
    return { code: thrown.code, message: thrown.message, disposition: thrown.disposition, ...cause };
  }
  if (thrown instanceof Error) {
    const code = (thrown as { code?: unknown }).code;
    const frames = thrown.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
    return {
      type: thrown.name,
      ...(typeof code === 'string' ? { code } : {}),
      stack: frames.slice(0, 12).map((line) => line.trim()),
    };
  }
  return { type: typeof thrown };
}

function pick(fields: LogFields): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name in fields) {
    const value = fields[name as keyof LogFields];
    if (FIELD_NAMES.has(name) && value !== undefined) picked[name] = value;
  }
  if (fields.err !== undefined) picked['err'] = describeError(fields.err);
  return picked;
}

/** The lowest rank that is written, shared by a logger and its children: pino's own level is fixed in each child. */
interface Threshold {
  rank: number;
}

const rankOf = (level: string): number => pino.levels.values[level] ?? Number.POSITIVE_INFINITY;

function wrap(target: PinoLogger, threshold: Threshold): Logger {
  const at = (level: LogLevel) => {
    const rank = rankOf(level);
    const isUrgent = rank >= rankOf('warn');
    return (fields: LogFields, message: string): void => {
      if (rank < threshold.rank) return;
      target[level](pick(fields), message);
      if (isUrgent) target.flush();
    };
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(target.child(pick(fields)), threshold),
    flush: () => target.flush(),
  };
}

/** Lines of `info` and below leave in batches: a system call for each would cost more than all else about a line. */
const BATCH = { minLength: 4_096, periodicFlush: 100 } as const;

let output: ReturnType<typeof pino.destination> | undefined;

/**
 * Standard output, written to by batches, the last one when the process ends. A killed process loses one at most. One for
 * all loggers of the process: their lines stay in order.
 */
function standardOutput(): DestinationStream {
  if (output !== undefined) return output;
  const opened = pino.destination({ dest: 1, sync: true, ...BATCH });
  process.once('exit', () => opened.flushSync());
  output = opened;
  return opened;
}

/** A logger that writes one JSON object a line to `destination` (default: standard output). */
export function createLogger(level: string, destination: DestinationStream = standardOutput()): RootLogger {
  const threshold = { rank: rankOf(level) };
  const options = {
    level: 'trace',
    base: { service: 'national-id-mediator' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // Errors are described by us; pino's own serializer would add to it.
    serializers: { err: (described: unknown) => described },
  };
  const root = wrap(pino(options, destination), threshold);
  return {
    ...root,
    setLevel(newLevel) {
      threshold.rank = rankOf(newLevel);
    },
  };
}
