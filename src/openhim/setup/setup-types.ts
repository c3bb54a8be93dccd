import type { CoreApi } from '../core-api.js';
import type { MediatorConfig } from '../mediator-config.js';

/**
 * What was done about one object, or would be: `not-known` names a password that is not in our hands, `waits` what has
 * to wait for a person.
 */
export interface Change {
  readonly object: string;
  readonly result: 'unchanged' | 'created' | 'repaired' | 'not-known' | 'waits';
  /** What was wrong, in a few words; never a value. */
  readonly why?: string;
}

/** Where passwords are kept. */
export interface Passwords {
  known(name: string): string | undefined;
  /** Makes a new one and keeps it, before anybody is given it. */
  renew(name: string): string;
}

/** `replace`: the credentials in a route may give way to ours. */
export type CredentialsCheck = () => Promise<'replace' | 'keep'>;

export interface ClientWanted {
  readonly id: string;
  /** Words that channels allow. */
  readonly roles: readonly string[];
}

export interface SetUpDeps {
  /** As an administrator. */
  readonly core: CoreApi;
  /** As the mediator's own user, whoever is named. */
  readonly coreAs: (username: string, password: string) => CoreApi;
  readonly passwords: Passwords;
  /** Whether the mediator takes the credentials that the channels are to present. */
  readonly inboundCheck: CredentialsCheck;
}

export interface SetUpOptions {
  /** `mediator.json`, completed for this deployment. */
  readonly mediator: MediatorConfig;
  readonly mediatorUser: string;
  readonly clients: readonly ClientWanted[];
  /** Whether the mediator is to change transactions, which takes a further permission. */
  readonly reportsOutcomes: boolean;
  /** Makes new passwords for what is there and whose password is not known. */
  readonly resetsPasswords: boolean;
  /** Reads only. */
  readonly dryRun: boolean;
}
