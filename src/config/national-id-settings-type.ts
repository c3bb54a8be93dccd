import type { RestSettings } from './rest/index.js';

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
