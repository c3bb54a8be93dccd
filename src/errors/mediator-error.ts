import { type Disposition, ERROR_CODES, type ErrorCode } from './codes.js';

export interface MediatorErrorOptions {
  /** Safe words for the caller or the operator: no personal data, no body of a peer. Default: the code's title. */
  readonly message?: string;
  readonly cause?: unknown;
  /** Milliseconds the other side asked us to wait (`Retry-After`). */
  readonly retryAfterMs?: number;
  /** True when the other side never answered: such failures do not count towards giving up. */
  readonly unanswered?: boolean;
  /** True when the call certainly never left us, so that the other side cannot have acted on it. */
  readonly unsent?: boolean;
}

/** The only error that crosses a module's border; what can be done about it is fixed by its code. */
export class MediatorError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly unanswered: boolean;
  readonly unsent: boolean;

  constructor(code: ErrorCode, options: MediatorErrorOptions = {}) {
    super(
      options.message ?? ERROR_CODES[code].title,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'MediatorError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.unanswered = options.unanswered ?? false;
    this.unsent = options.unsent ?? false;
  }

  get disposition(): Disposition {
    return ERROR_CODES[this.code].disposition;
  }

  /** HTTP status for a caller who waits for the answer. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/**
 * Turns anything thrown into a MediatorError; what is not one becomes `internal_error` with the original as cause.
 * The message of a foreign error is never taken over: it may hold data.
 */
export function toMediatorError(thrown: unknown): MediatorError {
  return thrown instanceof MediatorError ? thrown : new MediatorError('internal_error', { cause: thrown });
}
