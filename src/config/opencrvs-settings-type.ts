export interface OpenCrvsClientSettings {
  readonly authUrl: string;
  readonly tokenMode: 'json' | 'query' | 'body';
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

export type WriteBackSettings =
  | { readonly kind: 'none' }
  /** `gatewayUrl`: where an event that waits for an answer gets it all the same. */
  | { readonly kind: 'countryconfig' | 'openhim-fhir'; readonly url: string; readonly gatewayUrl?: string }
  /** `url`: the gateway. */
  | { readonly kind: 'gateway-graphql' | 'events'; readonly url: string };

/** How the tokens that OpenCRVS sends to us are told to be its own. */
export interface OpenCrvsTokenSettings {
  readonly authUrl: string;
  readonly issuer: string;
  readonly audience: string;
}

/** Where the parts that an event lacks are read. */
export type ReadMoreSource =
  | { readonly kind: 'none' }
  /** `url`: the FHIR store. */
  | { readonly kind: 'openhim-fhir'; readonly url: string }
  /** With the client of `OpenCrvsSettings.recordSearch`. */
  | { readonly kind: 'record-search' }
  /** `url`: the gateway. */
  | { readonly kind: 'events'; readonly url: string };

/** What of an event is read afterwards, and where. */
export interface ReadMoreSettings {
  readonly source: ReadMoreSource;
  /** The gateway; undefined where locations are not read from it. */
  readonly locationsUrl: string | undefined;
  readonly parts: readonly ('mother' | 'father' | 'spouse' | 'informant' | 'place')[];
}

/** The client of type RECORD_SEARCH of OpenCRVS 1.5 to 1.9. */
export interface RecordSearchSettings {
  readonly gatewayUrl: string;
  readonly client: OpenCrvsClientSettings;
  /** Searches in one day. */
  readonly dailyQuota: number;
}

export interface NotificationSettings {
  /** The gateway. */
  readonly url: string;
  /** The HEALTH client; undefined where the one client is used for everything. */
  readonly client: OpenCrvsClientSettings | undefined;
  /** The FHIR store, from which a tracking id is read that OpenCRVS does not tell (1.2 to 1.4). */
  readonly fhirUrl: string | undefined;
}

export interface OpenCrvsSettings {
  /** Keys of the webhook signature, all accepted; empty where OpenCRVS is not configured. */
  readonly shaSecrets: readonly string[];
  readonly client: OpenCrvsClientSettings | undefined;
  /** Undefined where the address of its key is not known. */
  readonly tokens: OpenCrvsTokenSettings | undefined;
  readonly subscription: { readonly webhooksUrl: string; readonly callbackUrl: string } | undefined;
  readonly writeBack: WriteBackSettings;
  readonly readMore: ReadMoreSettings;
  readonly recordSearch: RecordSearchSettings | undefined;
  /** Undefined where OpenCRVS is not asked for registrations that never came. */
  readonly reconcileEveryMs: number | undefined;
  /** Undefined where notifications of health systems are not taken. */
  readonly notifications: NotificationSettings | undefined;
}
