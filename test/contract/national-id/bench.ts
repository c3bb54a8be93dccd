import type { CallbackAnswer, NationalIdSystem } from '../../../src/national-id/index.js';
import type { Identity } from '../../../src/vital-events/index.js';

/** What can go wrong with the next call. `unanswered`: its work is done, and the answer never comes. */
export type Failure = 'refusal' | 'unanswered' | 'garbage' | 'error-in-200' | 'unavailable' | 'token-refused';

/** A national ID system with all that is behind it, as the contract suite sees it. */
export interface Bench {
  readonly system: NationalIdSystem;
  /** How many identities were made. */
  identities(): number;
  /** What the system holds about the person with this identity. */
  personOf(identity: Identity): { readonly isActive: boolean; readonly name: string } | undefined;
  /** How many calls have reached the system. */
  calls(): number;
  /** The next submission, or the next query about a person, fails. */
  failNext(failure: Failure, of?: 'submission' | 'query'): void;
  /** The callback for a submission, as soon as it is there. */
  callbackFor(outwardKey: string): Promise<CallbackAnswer>;
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
}
