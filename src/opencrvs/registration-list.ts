import type { Reading } from '../vital-events/index.js';

/** One registration as an index tells it: no person, only how it is found. */
export interface ListedRegistration {
  readonly recordId: string;
  /** `birth`, `death`, or what else the country configured. */
  readonly type: string;
  readonly registrationNumber: string;
  readonly trackingId: string | undefined;
}

export interface RegistrationPage {
  readonly registrations: readonly ListedRegistration[];
  /** Whether there is a page after this one. */
  readonly hasMore: boolean;
}

/** Lists registrations, so that those which never reached us can be told. */
export interface RegistrationList {
  /**
   * The registrations made between the two days (UTC, both within), the oldest first. `page` counts from 0. Some may be
   * listed that are older and were changed in that time.
   *
   * @throws MediatorError a `peer_…` code
   */
  listRegistrations(since: Date, until: Date, page: number, signal: AbortSignal): Promise<RegistrationPage>;
}

/** A registration as OpenCRVS shows it to whoever asks, as a delivery of it would be read. */
export interface FoundRegistration {
  readonly reading: Reading;
  /** What it was read from. */
  readonly raw: string;
}

/** Lists registrations, and reads those that are wanted. */
export interface RegistrationSource extends RegistrationList {
  /**
   * The registration as it is now; undefined for what is neither a birth nor a death, or is registered no longer.
   *
   * @throws MediatorError a `peer_…` code
   */
  readRegistration(listed: ListedRegistration, signal: AbortSignal): Promise<FoundRegistration | undefined>;
}

/** The day of a time in UTC, as OpenCRVS's own search form sends it. */
export const dayOf = (time: Date): string => time.toISOString().slice(0, 10);
