import { constants, createHash, randomUUID, sign } from 'node:crypto';
import { createRequire } from 'node:module';
import jsonld from 'jsonld';
import type { RemoteDocument } from 'jsonld/jsonld-spec.js';
import { z } from 'zod';
import type { MosipCredentialProofSettings } from '../../src/config/index.js';
import { CREDENTIALS_CONTEXT } from '../../src/national-id/mosip/bundled-contexts.js';
import { createKeyPair } from './mosip-credential.js';

const ORIGIN = 'https://mosip.example/.well-known';
const CREDENTIALS_URL = 'https://www.w3.org/2018/credentials/v1';
const SECURITY_URL = 'https://w3id.org/security/v2';
const MOSIP_URL = `${ORIGIN}/mosip-context.json`;

const term = (name: string): readonly [string, string] => [name, `${ORIGIN}/terms#${name}`];

/** The country's context: what a credential of this peer says. */
const MOSIP_CONTEXT = {
  '@context': {
    '@version': 1.1,
    MOSIPVerifiableCredential: `${ORIGIN}/terms#MOSIPVerifiableCredential`,
    ...Object.fromEntries(['VID', 'UIN', 'PSUT', 'vcVer', 'birthCertificateNumber'].map(term)),
    fullName: {
      '@id': `${ORIGIN}/terms#fullName`,
      '@container': '@set',
      '@context': { value: '@value', language: '@language' },
    },
  },
};

/** The security contexts as they are published: a package without types that jsonld-signatures brings. */
const published = z
  .object({ contexts: z.instanceof(Map) })
  .parse(createRequire(import.meta.url)('@digitalbazaar/security-context')).contexts;

const CONTEXTS: Readonly<Record<string, RemoteDocument['document']>> = {
  [CREDENTIALS_URL]: { '@context': CREDENTIALS_CONTEXT },
  [MOSIP_URL]: MOSIP_CONTEXT,
  ...Object.fromEntries(published),
};

const canonize = (document: object): Promise<string> =>
  jsonld.canonize(document, {
    algorithm: 'URDNA2015',
    format: 'application/n-quads',
    documentLoader: async (documentUrl) => ({ documentUrl, document: CONTEXTS[documentUrl] ?? {} }),
  });

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

export interface IssueOptions {
  readonly algorithm?: 'PS256' | 'RS256';
  /** Changes the document before it is signed. */
  readonly change?: (document: Record<string, unknown>) => Record<string, unknown>;
  readonly verificationMethod?: string;
}

/** Signs credentials as MOSIP does (IDR VerCredProvider; reference/mosip.md 3), with the contexts as they are published. */
export class MosipIssuer {
  readonly #keys = createKeyPair();

  /** What a country puts into MOSIP_ISSUER_KEYS_FILE, as settings. */
  get settings(): MosipCredentialProofSettings {
    const { publicKey: publicKeyPem } = this.#keys;
    const key = { id: `${ORIGIN}/public-key.json`, controller: `${ORIGIN}/controller.json`, publicKeyPem };
    return { isRequired: true, keys: [key], contexts: { [MOSIP_URL]: MOSIP_CONTEXT } };
  }

  /** The credential about a registration, signed, as JSON text. */
  async issue(
    registrationId: string,
    numbers: Readonly<Record<string, unknown>>,
    options: IssueOptions = {},
  ): Promise<string> {
    const { algorithm = 'PS256', change = (document) => document } = options;
    const issuanceDate = new Date().toISOString();
    const document = change({
      '@context': [CREDENTIALS_URL, MOSIP_URL, { sec: 'https://w3id.org/security#' }],
      id: `http://credential.idrepo/credentials/${randomUUID()}`,
      type: ['VerifiableCredential', 'MOSIPVerifiableCredential'],
      issuer: `${ORIGIN}/controller.json`,
      issuanceDate,
      credentialSubject: {
        ...numbers,
        id: `http://credential.idrepo/credentials/${registrationId}`,
        vcVer: 'VC-V1',
      },
    });
    const proof = {
      type: 'RsaSignature2018',
      created: issuanceDate,
      proofPurpose: 'assertionMethod',
      verificationMethod: options.verificationMethod ?? `${ORIGIN}/public-key.json`,
    };
    const hashes = [await canonize({ '@context': SECURITY_URL, ...proof }), await canonize(document)].map(sha256);
    const header = Buffer.from(JSON.stringify({ alg: algorithm, b64: false, crit: ['b64'] })).toString('base64url');
    const padding =
      algorithm === 'PS256'
        ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
        : { padding: constants.RSA_PKCS1_PADDING };
    const key = { key: this.#keys.privateKey, ...padding };
    const signature = sign('sha256', Buffer.concat([Buffer.from(`${header}.`), ...hashes]), key);
    return JSON.stringify({ ...document, proof: { ...proof, jws: `${header}..${signature.toString('base64url')}` } });
  }
}
