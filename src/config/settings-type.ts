import type { EncryptionKey } from './keys.js';

export interface OpenHimSettings {
  readonly apiUrl: string;
  readonly username: string;
  readonly password: string;
  readonly trustSelfSigned: boolean;
  /** PEM text. */
  readonly ca: string | undefined;
  readonly heartbeatMs: number;
}

export interface OpenCrvsClientSettings {
  readonly authUrl: string;
  readonly tokenMode: 'json' | 'query' | 'body';
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

export type WriteBackSettings =
  | { readonly kind: 'none' }
  | { readonly kind: 'countryconfig'; readonly url: string }
  | { readonly kind: 'openhim-fhir'; readonly url: string }
  /** `url`: the gateway. */
  | { readonly kind: 'gateway-graphql' | 'events'; readonly url: string };

/** How the tokens that OpenCRVS sends to us are told to be its own. */
export interface OpenCrvsTokenSettings {
  readonly authUrl: string;
  readonly issuer: string;
  readonly audience: string;
}

/** Where what a webhook leaves out is read, and which parts are worth it. */
export interface ReadMoreSettings {
  /** The FHIR store; undefined where it is not to be asked. */
  readonly fhirUrl: string | undefined;
  /** The gateway; undefined where locations are not read from it. */
  readonly locationsUrl: string | undefined;
  readonly parts: readonly ('mother' | 'father' | 'spouse' | 'informant' | 'place')[];
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
  /** Undefined where notifications of health systems are not taken. */
  readonly notifications: NotificationSettings | undefined;
}

export interface MosipSettings {
  readonly authUrl: string;
  readonly packetManagerUrl: string;
  readonly workflowUrl: string;
  readonly hubUrl: string;
  readonly appId: string;
  readonly packetClient: { readonly id: string; readonly secret: string };
  readonly websubClient: { readonly id: string; readonly secret: string };
  readonly topic: string;
  readonly websubSecret: string;
  readonly callbackUrl: string;
  /** PEM text of the RSA private key. */
  readonly credentialKey: string;
  readonly centerId: string;
  readonly machineId: string;
  readonly source: string;
  /** MOSIP's names for what a packet does. */
  readonly processes: { readonly birth: string; readonly death: string; readonly correction: string };
  readonly schemaVersion: string;
  /** JSON text of the identity schema, compact. */
  readonly schemaJson: string;
}

export type FhirAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

export interface FhirSettings {
  readonly baseUrl: string;
  readonly auth: FhirAuth;
  readonly nationalIdSystem: string;
  readonly registrationSystem: string;
}

export type NationalIdSettings =
  | { readonly system: 'mosip'; readonly mosip: MosipSettings }
  | { readonly system: 'fhir'; readonly fhir: FhirSettings };

export type StoreSettings =
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'embedded'; readonly dataDir: string };

/** The whole configuration: complete, typed, frozen. */
export interface Settings {
  readonly production: boolean;
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly opsPort: number | undefined;
    readonly tls: { readonly cert: string; readonly key: string } | undefined;
    readonly webhookMaxBodyBytes: number;
    readonly fhirMaxBodyBytes: number;
  };
  readonly logLevel: string;
  readonly store: StoreSettings;
  readonly keys: {
    /** The first writes, all read. */
    readonly encryption: readonly [EncryptionKey, ...EncryptionKey[]];
    readonly index: string;
  };
  readonly retentionDays: number;
  readonly answerDeadlineMs: number;
  readonly birthCancellation: 'operator' | 'deactivate';
  readonly inbound: { readonly username: string; readonly password: string } | undefined;
  readonly openhim: OpenHimSettings | undefined;
  readonly openhimLogBodies: boolean;
  readonly opencrvs: OpenCrvsSettings;
  readonly nationalId: NationalIdSettings;
  readonly mappingsDir: string;
  /** What is unsafe or limited about these settings, in plain words: shown at each start and in readiness. */
  readonly warnings: readonly string[];
}
