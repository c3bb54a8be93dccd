/** What a new client is to be. */
export interface NewClient {
  /** NATIONAL_ID, HEALTH, … On 2.x a name for a list of scopes. */
  readonly type?: string;
  /** Needed from 1.2. */
  readonly name?: string;
  /** Scopes of a 2.x client, with or without the `type=` of their stored form. */
  readonly scopes?: readonly string[];
  /** Searches a day of a RECORD_SEARCH client. */
  readonly dailyQuota?: number;
  /** What a WEBHOOK client may see, by event. */
  readonly webhook?: readonly { readonly event: string; readonly permissions: readonly string[] }[];
  /** MOSIP or OTHER, from 1.3. */
  readonly integratingSystem?: string;
}

/** The credentials of a client. OpenCRVS shows the client secret once. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Absent where the call does not tell it: it is then unchanged. */
  readonly shaSecret?: string;
}

/** An existing client as a list shows it, without its secrets. */
export interface ListedClient {
  readonly clientId: string;
  readonly name: string;
  readonly status: string;
  /** Its type (1.x) or its scopes (2.x). */
  readonly rights: readonly string[];
}

/**
 * The system clients of one OpenCRVS, with an administrator's token. A client is named by its id; on 1.0 and 1.1 by
 * its system id, the database's own.
 *
 * All throw MediatorError: `not_supported` where the version has no such call, `request_invalid` where OpenCRVS will not
 * do it, `peer_…` otherwise; the message says in plain words what it can be.
 */
export interface SystemClients {
  register(client: NewClient): Promise<ClientCredentials>;
  deactivate(id: string): Promise<void>;
  reactivate(id: string): Promise<void>;
  /** Makes a new client secret; the old one ends at once. */
  refreshSecret(id: string): Promise<ClientCredentials>;
  remove(id: string): Promise<void>;
  list(): Promise<readonly ListedClient[]>;
}

/** The calls by which clients are managed. */
export type ClientCall = keyof SystemClients;

/** How the service that manages clients is reached. */
export interface ClientAddress {
  /** Directly, or through the gateway. */
  readonly by: 'user-mgnt' | 'events' | 'gateway';
  readonly url: string;
}
