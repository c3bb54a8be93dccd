import { type ErrorCode, MediatorError, toMediatorError } from '../../errors/index.js';

/** What may be asked for by `--only`, in the order of the report. */
export const CHECKS = [
  'settings',
  'listener',
  'data-folder',
  'database',
  'keys',
  'mappings',
  'dns',
  'tcp',
  'tls',
  'http',
  'clock',
  'openhim',
  'opencrvs',
  'mosip',
  'osia',
  'fhir',
  'rest',
  'esignet',
] as const;

export type CheckName = (typeof CHECKS)[number];

export type FindingState = 'ok' | 'warning' | 'failed' | 'skipped';

/** What one check found, in plain words: never a secret, nothing personal, no text of a peer. */
export interface Finding {
  readonly check: CheckName;
  /** Which of several: a host, or a part of the peer. */
  readonly about?: string;
  readonly state: FindingState;
  readonly detail: string;
  /** What to do about it. */
  readonly next?: string;
}

/** A finding before it is known which check it belongs to. */
export type Found = Omit<Finding, 'check' | 'about'>;

export const ok = (detail: string): Found => ({ state: 'ok', detail });
export const skipped = (detail: string): Found => ({ state: 'skipped', detail });
export const warning = (detail: string, next: string): Found => ({ state: 'warning', detail, next });
export const failed = (detail: string, next: string): Found => ({ state: 'failed', detail, next });

/** One question, and what to look at when its answer is an error. */
export interface Question {
  readonly check: CheckName;
  readonly about?: string;
  readonly next: string;
  /** May throw a MediatorError: its own words are shown. */
  ask(signal: AbortSignal): Promise<Found>;
}

/** No check takes longer. */
export const CHECK_TIMEOUT_MS = 5_000;

/** Codes with which the network stands in the way: the checks of the address say more. */
const NETWORK_CODES: ReadonlySet<ErrorCode> = new Set([
  'peer_unreachable',
  'peer_certificate_invalid',
  'peer_unavailable',
  'peer_circuit_open',
]);

/** Of a check that needs what an earlier one did not get. */
export const NOT_REACHED = skipped('Not tried: see the failure before it.');

const NETWORK = 'Look at the checks dns, tcp, tls and http of this address first.';

/** What this check needs has failed for an earlier one, which tells why. */
class FailedBefore extends Error {}

function failureOf(thrown: unknown, next: string): Found {
  if (thrown instanceof FailedBefore) return NOT_REACHED;
  const { code, message } = toMediatorError(thrown);
  return failed(message, NETWORK_CODES.has(code) ? NETWORK : next);
}

/** Asks, for as long as a check may take. Throws nothing. */
export async function answered({ check, about, next, ask }: Question, timeoutMs = CHECK_TIMEOUT_MS): Promise<Finding> {
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_resolve, reject) => {
    const error = new MediatorError('peer_timeout', { message: `No answer within ${timeoutMs / 1000} s.` });
    signal.addEventListener('abort', () => reject(error), { once: true });
  });
  const found = await Promise.race([ask(signal), late]).catch((thrown: unknown) => failureOf(thrown, next));
  return { check, ...(about === undefined ? {} : { about }), ...found };
}

/** Does some work for several checks: the first who asks begins it, and alone is told why it failed. */
export function once<T>(work: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let begun: Promise<T> | undefined;
  return (signal) => {
    if (begun !== undefined) {
      return begun.catch(() => {
        throw new FailedBefore();
      });
    }
    begun = work(signal);
    return begun;
  };
}
