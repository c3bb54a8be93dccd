import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { MediatorError } from '../errors/index.js';

/**
 * The fields a log line may carry: an allow-list. Registration numbers and tracking ids are allowed because operators
 * search by them; names, dates of birth, addresses, identity numbers, tokens, secrets and bodies have no field.
 */
export interface LogFields {
  readonly event?: string;
  readonly correlationId?: string;
  readonly transactionId?: string;
  readonly eventId?: string;
  readonly kind?: string;
  readonly registrationNumber?: string;
  readonly trackingId?: string;
  readonly state?: string;
  readonly step?: string;
  readonly attempt?: number;
  readonly peer?: string;
  readonly operation?: string;
  readonly topic?: string;
  readonly method?: string;
  readonly route?: string;
  readonly status?: number;
  readonly durationMs?: number;
  readonly waitMs?: number;
  readonly count?: number;
  readonly setting?: string;
  readonly reason?: string;
  readonly err?: unknown;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

/** `error`: a person must act now. `warn`: it will be retried. `info`: one line a request or step. `debug`: choices. */
export type Logger = Record<Level, (fields: LogFields, message: string) => void> & {
  child(fields: LogFields): Logger;
  flush(): void;
};

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
  for (const [name, value] of Object.entries(fields)) {
    if (FIELD_NAMES.has(name) && value !== undefined) picked[name] = value;
  }
  if (fields.err !== undefined) picked['err'] = describeError(fields.err);
  return picked;
}

function wrap(target: PinoLogger): Logger {
  return {
    debug: (fields, message) => target.debug(pick(fields), message),
    info: (fields, message) => target.info(pick(fields), message),
    warn: (fields, message) => target.warn(pick(fields), message),
    error: (fields, message) => target.error(pick(fields), message),
    child: (fields) => wrap(target.child(pick(fields))),
    flush: () => target.flush(),
  };
}

/** A logger that writes one JSON object a line to `destination` (default: standard output). */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'national-id-mediator' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return wrap(destination === undefined ? pino(options) : pino(options, destination));
}
