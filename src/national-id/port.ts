import type { DocumentSettings } from '../config/index.js';
import type { Identity, Outcome, Person, PersonIdentifier, VitalEvent } from '../vital-events/index.js';
import type {
  AgeAnswer,
  AgeQuestion,
  IdentityClaim,
  Lookup,
  LookupKey,
  Matching,
  MatchOptions,
  Verification,
} from './queries.js';

export type NationalIdSystemName = 'mosip' | 'osia' | 'fhir' | 'rest';

/** What a system can do. What is not listed is answered with `not-supported`, never with an exception. */
export type Capability =
  | 'issue'
  | 'deactivate'
  | 'update'
  | 'reactivate'
  | 'callback'
  | 'status'
  | 'verify'
  | 'age-check'
  | 'lookup'
  | 'match';

/**
 * What of documents and of a person's body can go to the system: nothing, references to what is kept elsewhere, or the
 * data itself.
 */
export type Biometrics = DocumentSettings['pass'];

/** What an adapter writes down between the calls of one event, for a system in which a call cannot be repeated. */
export interface Progress {
  /** What was kept last, in this try or an earlier one; undefined: nothing yet. */
  readonly kept: unknown;
  /**
   * Resolves once it is stored, as durably and as secretly as the event itself. JSON data.
   *
   * @throws MediatorError `store_unavailable`: nothing was stored, and the adapter must not go on
   */
  keep(progress: unknown): Promise<void>;
}

/** One event on its way to the national ID system. */
export interface Submission {
  readonly event: VitalEvent;
  /** Our key for this event at this system, made by `outwardKey` and stored before the first try; the same each time. */
  readonly outwardKey: string;
  /** True when an earlier try may have reached the system: a system without idempotent calls must look before it repeats. */
  readonly repeated: boolean;
  /** The numbers that the person was given for an earlier event, as far as they are still kept. */
  readonly known?: Identity | undefined;
  /** Absent where the caller keeps nothing: then an earlier try may have come to anything. */
  readonly progress?: Progress | undefined;
  readonly signal: AbortSignal;
}

/** What the system says about an event. `pending`: taken, the answer comes later by callback. */
export type Answer = Outcome | { readonly result: 'pending' } | { readonly result: 'not-supported' };

/** Where a submission stands, asked without sending it again. `not-found`: the system has no trace of it. */
export type Standing = Answer | { readonly result: 'not-found' };

/** A callback that was read: which submission it answers, and how. */
export interface CallbackAnswer {
  /** The `outwardKey` of the submission it belongs to. */
  readonly outwardKey: string;
  readonly identity: Identity;
}

/** The door for a system that calls back. */
export interface CallbackDoor {
  /**
   * Answers the hub's intent verification of our subscription.
   *
   * @throws MediatorError `request_invalid`, `subscription_unknown`
   */
  confirmIntent(query: Readonly<Record<string, unknown>>): { readonly status: number; readonly body: string };
  /**
   * Checks who sent a callback; cheap, done before anything is stored. Returns the sender's id of the delivery.
   *
   * @throws MediatorError `signature_missing`, `signature_invalid`, `json_invalid`, `payload_invalid`
   */
  authenticate(
    headers: Readonly<Record<string, string | string[] | undefined>>,
    rawBody: Uint8Array,
  ): { readonly deliveryId: string };
  /**
   * Opens a stored callback. Never called on the request's path.
   *
   * @throws MediatorError `credential_unreadable`; `retry` codes where a part of it cannot be fetched now
   */
  read(rawBody: Uint8Array): Promise<CallbackAnswer>;
}

/**
 * A notification that was read: persons of whom the system may have news. Nothing that it says is believed: their events
 * are looked at again, and no more.
 */
export interface Hint {
  readonly about: readonly PersonIdentifier[];
}

/** The door for a system that signs nothing: its address has a secret part, by which the sender is known. */
export interface NotificationDoor {
  /** Whether this is the secret part of our address. In constant time. */
  isSecret(given: string): boolean;
  /**
   * Takes in what came to the address. Returns the sender's id of a notification, which is to be stored; undefined for
   * what has ended here, such as the confirmation of our subscription.
   *
   * @throws MediatorError `headers_missing`, `json_invalid`, `payload_invalid`; what a failed call to the system stands for
   */
  receive(
    headers: Readonly<Record<string, string | string[] | undefined>>,
    rawBody: Uint8Array,
    signal: AbortSignal,
  ): Promise<{ readonly deliveryId: string } | undefined>;
  /**
   * Reads a stored notification, and asks the system itself about whom it names. Never called on the request's path.
   *
   * @throws MediatorError what a failed call stands for
   */
  read(rawBody: Uint8Array): Promise<Hint>;
}

/** The doors of all systems at one address. */
export interface CallbackDoors extends Pick<CallbackDoor, 'confirmIntent'> {
  /**
   * As at the single door that knows this secret part of the address, and whose door it was.
   *
   * @throws MediatorError `route_not_found` where none does
   */
  receive(
    secret: string,
    ...given: Parameters<NotificationDoor['receive']>
  ): Promise<({ readonly system: NationalIdSystemName } & { readonly deliveryId: string }) | undefined>;
  /** As at a single door, and whose door it was. */
  authenticate(
    ...given: Parameters<CallbackDoor['authenticate']>
  ): { readonly system: NationalIdSystemName } & ReturnType<CallbackDoor['authenticate']>;
}

/**
 * Takes responsibility for a callback of a system, known by the sender's id of the delivery: resolves only after it is
 * durably stored. A repeat starts nothing.
 *
 * @throws MediatorError `store_unavailable`: nothing was stored
 */
export type AcceptCallback = (system: NationalIdSystemName, deliveryId: string, rawBody: Uint8Array) => Promise<void>;

/**
 * A national ID system. Its own words stop inside its folder.
 *
 * Operations throw MediatorError: `retry` codes (with `unanswered` where no answer came), `refused` codes never (a
 * refusal is an answer), `operator` codes when a person must act.
 */
export interface NationalIdSystem {
  readonly name: NationalIdSystemName;
  readonly capabilities: ReadonlySet<Capability>;
  readonly biometrics: Biometrics;
  /** Shapes a digest (32 bytes, derived from the event's key) into the key this system takes. Pure. */
  outwardKey(digest: Uint8Array): string;
  /** A birth. */
  issue(submission: Submission): Promise<Answer>;
  /** A death. */
  deactivate(submission: Submission): Promise<Answer>;
  /** A correction: the event holds the whole record as it is now. */
  update(submission: Submission): Promise<Answer>;
  /** A death, or the cancellation of a birth, that was taken back. */
  reactivate(submission: Submission): Promise<Answer>;
  /** Where an event stands that was handed over and not answered: the safety net for a callback that never comes. */
  status(submission: Submission): Promise<Standing>;
  /** Is this claim true of the holder of the number? */
  verify(claim: IdentityClaim, signal: AbortSignal): Promise<Verification>;
  checkAge(question: AgeQuestion, signal: AbortSignal): Promise<AgeAnswer>;
  lookup(key: LookupKey, signal: AbortSignal): Promise<Lookup>;
  /** Who could this be? */
  match(person: Person, options: MatchOptions, signal: AbortSignal): Promise<Matching>;
  readonly callback?: CallbackDoor;
  readonly notifications?: NotificationDoor;
  /** Begins background upkeep (subscriptions); returns at once, reports through health. */
  start(): void;
  stop(): Promise<void>;
}
