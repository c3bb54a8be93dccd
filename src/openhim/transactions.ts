import type { CallRecord } from '../outbound/index.js';
import { type Clock, isoNow } from '../runtime/index.js';
import { type CoreApi, unexpectedAnswer } from './core-api.js';
import { orchestrationOf, transactionStatus } from './envelope.js';

/** How the work that a transaction began has ended. */
export interface TransactionEnd {
  /** HTTP status that stands for it. */
  readonly status: number;
  /** Shown as the response of the transaction; nothing about a person. */
  readonly body: unknown;
  /** Searchable in the console. */
  readonly properties: Readonly<Record<string, string>>;
  /** Calls that were not told yet. */
  readonly calls: readonly CallRecord[];
}

/** The transactions that OpenHIM core keeps. */
export interface Transactions {
  /**
   * Gives a transaction its end; a later one takes the place of an earlier. `unknown`: core has no such transaction.
   *
   * Never sends `error`, by which core would send the request again (openhim.md 6.1): whatever may pass by itself is
   * tried again here, and a refusal is no reason to.
   *
   * @throws MediatorError of the call
   */
  end(transactionId: string, end: TransactionEnd, signal: AbortSignal): Promise<'told' | 'unknown'>;
}

export function createTransactions(deps: { readonly core: CoreApi; readonly clock: Clock }): Transactions {
  const { core, clock } = deps;
  return {
    async end(transactionId, { status, body, properties, calls }, signal) {
      const path = `/transactions/${transactionId}`;
      const answer = await core({
        operation: 'end-transaction',
        method: 'PUT',
        path,
        body: {
          status: transactionStatus(status),
          response: {
            status,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
            timestamp: isoNow(clock),
          },
          properties,
          // Added to those that are there: core's own among them holds what the caller sent (openhim.md fact 10).
          ...(calls.length === 0 ? {} : { $push: { orchestrations: { $each: calls.map(orchestrationOf) } } }),
        },
        signal,
      });
      if (answer.status === 200) return 'told';
      // Core 8.5.0 answers 500 to the update of a transaction that it does not have.
      const found = await core({
        operation: 'find-transaction',
        method: 'GET',
        path: `${path}?filterRepresentation=simpledetails`,
        signal,
      });
      if (found.status === 404) return 'unknown';
      throw unexpectedAnswer('the end of a transaction', answer);
    },
  };
}
