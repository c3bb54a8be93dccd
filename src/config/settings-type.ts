import type { ClientCertificate } from '../outbound/index.js';
import type { ConsoleValues } from './console-values.js';
import type { EncryptionKey } from './keys.js';
import type { ESignetSettings, FhirApiSettings, NationalIdSettings } from './national-id-settings-type.js';
import type { OpenCrvsSettings } from './opencrvs-settings-type.js';
import type { SettingSource } from './read-values.js';

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
