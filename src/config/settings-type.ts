import type { ClientCertificate } from '../outbound/index.js';
import type { ConsoleValues } from './console-values.js';
import type { EncryptionKey } from './keys.js';
import type { SettingSource } from './read-values.js';
import type { RestSettings } from './rest/index.js';

export interface OpenHimSettings {
  readonly apiUrl: string;
  readonly username: string;
  readonly password: string;
  readonly trustSelfSigned: boolean;
  /** PEM text. */
  readonly ca: string | undefined;
  readonly heartbeatMs: number;
  /** Whether transactions end as the work of their events ends. */
  readonly reportOutcome: boolean;
}

/** What callers of our own guarded routes present. */
export interface InboundSettings {
  readonly username: string;
  readonly password: string;
  /** Taken as well, while the new one replaces it. */
  readonly previousPassword: string | undefined;
}

/** What operators present. */
export interface OperatorSettings {
  readonly username: string;
  readonly password: string;
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

/** MOSIP's identity authentication (IDA); keys and certificates as PEM texts. */
export interface MosipIdentityAuthenticationSettings {
  /** Without licence key, partner id and API key, which follow it. */
  readonly url: string;
  readonly domainUri: string;
  readonly licenceKey: string;
  readonly partnerId: string;
  readonly partnerApiKey: string;
  /** IDA's own. */
  readonly certificate: string;
  readonly signingKey: string;
  readonly signingCertificate: string;
  readonly environment: string;
  readonly language: string;
}

export interface ESignetSettings {
  readonly tokenUrl: string;
  readonly userInfoUrl: string;
  readonly keySetUrl: string;
  /** PEM text of the RSA private key of our client. */
  readonly clientKey: string;
}

export interface MosipIdentityRepositorySettings {
  /** Ends in `/idrepository/v1`. */
  readonly url: string;
  /** How a death ends an identity: by packet, in the repository, or in its VIDs alone. */
  readonly deathRoute: 'packet' | 'repository' | 'vid';
  /** Whether the UIN is read there when a birth is processed and its credential has not come. */
  readonly givesLostNumber: boolean;
  /** What makes a handle of the number of a birth's registration. */
  readonly handlePostfix: string;
}

/** How the signatures of credentials are checked. */
export interface MosipCredentialProofSettings {
  /** Whether a credential without one is refused. */
  readonly isRequired: boolean;
  readonly keys: readonly {
    /** As credentials name it: `verificationMethod`. */
    readonly id: string;
    /** The issuer to whom it belongs. */
    readonly controller?: string | undefined;
    readonly publicKeyPem: string;
  }[];
  /** JSON-LD contexts by their address, besides those that are bundled. */
  readonly contexts: Readonly<Record<string, unknown>>;
}

export interface MosipSettings {
  readonly authUrl: string;
  readonly packetManagerUrl: string;
  readonly workflowUrl: string;
  /** Where the registration processor tells the status of registrations; undefined: it is not asked. */
  readonly statusUrl?: string | undefined;
  readonly hubUrl: string;
  readonly appId: string;
  readonly packetClient: { readonly id: string; readonly secret: string };
  readonly websubClient: { readonly id: string; readonly secret: string };
  readonly topic: string;
  readonly websubSecret: string;
  readonly callbackUrl: string;
  /** PEM text of the RSA private keys, and of their certificates as far as they are known. */
  readonly credentialKey: string;
  /** Where shared credentials are; undefined: they are not fetched. */
  readonly dataShareUrl?: string | undefined;
  /** Our name when we publish what became of a credential; undefined: we do not. */
  readonly statusPublisher?: string | undefined;
  /** Undefined where the signatures of credentials are not checked. */
  readonly credentialProof?: MosipCredentialProofSettings | undefined;
  readonly centerId: string;
  readonly machineId: string;
  readonly source: string;
  /** MOSIP's names for what a packet does. */
  readonly processes: { readonly birth: string; readonly death: string; readonly correction: string };
  readonly schemaVersion: string;
  /** JSON text of the identity schema, compact. */
  readonly schemaJson: string;
  /** Undefined where identities are not verified. */
  readonly identityAuthentication: MosipIdentityAuthenticationSettings | undefined;
  /** Undefined where the identity repository is not called. */
  readonly identityRepository?: MosipIdentityRepositorySettings | undefined;
}

export type FhirAuth = Exclude<RestSettings['auth'], { kind: 'header' }>;

export interface FhirSettings {
  readonly baseUrl: string;
  readonly auth: FhirAuth;
  readonly nationalIdSystem: string;
  readonly registrationSystem: string;
  /** Address of our `/fhir` as its callers reach it, without a last slash; undefined: as each request says. */
  readonly publicUrl?: string | undefined;
  /** FHIR version of Patients in answers to callers that name none. */
  readonly defaultVersion?: '3.0' | '4.0';
}

/** What callers of `/fhir` meet where the national ID system is no FHIR server. */
export type FhirApiSettings = Pick<
  FhirSettings,
  'nationalIdSystem' | 'registrationSystem' | 'publicUrl' | 'defaultVersion'
>;

export interface OsiaSubscriptionSettings {
  readonly topics: readonly string[];
  /** Where we are notified: our callback address, and below it the secret. */
  readonly address: string;
  /** The part of the address by which the sender is known. */
  readonly secret: string;
}

export interface OsiaSettings {
  /** Base addresses of OSIA's interfaces, which may be the same. */
  readonly addresses: Readonly<Record<'uin' | 'registry' | 'data-access' | 'notification', string>>;
  readonly client: {
    readonly tokenUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
    /** Where the token endpoint looks for our credentials. */
    readonly sendIn: 'header' | 'body';
  };
  /** The attribute that holds the number of the birth's registration. */
  readonly registrationAttribute: string;
  /** What is asked of a person who is looked up. */
  readonly personAttributes: readonly string[];
  /** What is done after a number was asked for and neither an answer nor the person can be found. */
  readonly lostUin: 'stuck' | 'ask-again';
  /** Our name in notifications; undefined: none are published. */
  readonly notifyAs: string | undefined;
  /** Undefined where we subscribe to nothing. */
  readonly subscription: OsiaSubscriptionSettings | undefined;
}

export type NationalIdSettings =
  | { readonly system: 'mosip'; readonly mosip: MosipSettings }
  | { readonly system: 'osia'; readonly osia: OsiaSettings }
  | { readonly system: 'fhir'; readonly fhir: FhirSettings }
  | { readonly system: 'rest'; readonly rest: RestSettings };

export type StoreSettings =
  | {
      readonly kind: 'postgres';
      readonly url: string;
      /** Most connections of this process. Default 16. */
      readonly poolSize?: number;
    }
  | { readonly kind: 'embedded'; readonly dataDir: string };

/** What of the documents in a record becomes part of its event, and may go to the national ID system. */
export interface DocumentSettings {
  readonly pass: 'none' | 'reference' | 'passed-on';
  /** Most bytes of content of one record. */
  readonly maxBytes: number;
}

/** How failed steps are tried again. */
export interface RetrySettings {
  readonly firstMs: number;
  /** Longest wait while the other side answers with errors. */
  readonly longestMs: number;
  readonly giveUpMs: number;
}

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
  /** How long an answer may take before the national ID system is asked for it. */
  readonly statusPollMs: number;
  readonly birthCancellation: 'operator' | 'deactivate';
  /** `all`, or the name of a rule below `mappingsDir`. */
  readonly eligibilityRule: string;
  /** Whether nothing is handed over to the national ID system. */
  readonly submissionsPaused: boolean;
  /** Time limit of a call to a peer that names no other. */
  readonly callTimeoutMs: number;
  readonly retry: RetrySettings;
  readonly inbound: InboundSettings | undefined;
  /** Undefined where nobody may look into the events. */
  readonly operator: OperatorSettings | undefined;
  readonly openhim: OpenHimSettings | undefined;
  /** Where OpenHIM core reaches us; undefined: as `mediator.json` says. */
  readonly mediatorUrl: string | undefined;
  readonly openhimLogBodies: boolean;
  readonly opencrvs: OpenCrvsSettings;
  readonly fhirApi: FhirApiSettings;
  readonly documents: DocumentSettings;
  /** The system that new events are sent to. */
  readonly nationalId: NationalIdSettings;
  /** Others that are configured too, and finish the events first sent to them. */
  readonly otherNationalIds: readonly NationalIdSettings[];
  /** Shown to national ID systems that ask for one. */
  readonly clientCertificate: ClientCertificate | undefined;
  /** Undefined where e-Signet is not asked. */
  readonly esignet: ESignetSettings | undefined;
  readonly mappingsDir: string;
  /** Where the mappings for the national ID system are. */
  readonly nationalIdMappingsDir: string;
  /** Whether what the OpenHIM console says counts. */
  readonly consoleSettings: boolean;
  /** Where each setting comes from, by its name in the environment. */
  readonly sources: Readonly<Record<string, SettingSource>>;
  /**
   * The same settings with the console's values over them, whatever the console said before.
   *
   * @throws SettingsError with every problem at once, by name, without values
   */
  readonly underConsole: (given: ConsoleValues) => Settings;
  /** What is unsafe or limited about these settings, in plain words: shown at each start and in readiness. */
  readonly warnings: readonly string[];
}
