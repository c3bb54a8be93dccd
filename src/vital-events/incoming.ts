import type { ErrorCode } from '../errors/index.js';
import type { VitalEvent, VitalEventKind } from './vital-event.js';

/** What a reader made of a delivery. One that cannot be understood is kept with the reason, never dropped. */
export type Reading =
  | { readonly ok: true; readonly event: VitalEvent }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      /** Safe words: which part, not which value. */
      readonly reason: string;
      readonly kind?: VitalEventKind | undefined;
      readonly trackingId?: string | undefined;
      readonly registrationNumber?: string | undefined;
    };

/** How the source is answered. Only the write-back knows what is in `to`; it is kept encrypted, tokens may be in it. */
export interface ReplyAddress {
  /** JSON data. */
  readonly to: unknown;
  /** Tells one request for an answer from another for the same event, e.g. OpenCRVS's action id. */
  readonly revision: string;
  /** Milliseconds since the epoch after which no answer is taken any more. */
  readonly before: number | undefined;
}

/** A verified delivery on its way into the pipeline. */
export interface Incoming {
  readonly reading: Reading;
  /** The body as it came. */
  readonly raw: string;
  /** OpenHIM's transaction, when it came through OpenHIM. */
  readonly transactionId: string | undefined;
  /** Where the source waits for an answer to this very delivery; absent where it does not. */
  readonly reply?: ReplyAddress | undefined;
}

/**
 * Takes responsibility for a delivery: resolves only after it is durably stored. A repeat gives the first answer again
 * and starts nothing.
 *
 * @throws MediatorError `store_unavailable`: nothing was stored
 */
export type Accept = (incoming: Incoming) => Promise<{ readonly id: string; readonly isRepeat: boolean }>;
