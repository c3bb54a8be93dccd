import {
  constants,
  createDecipheriv,
  createHash,
  createPrivateKey,
  privateDecrypt,
  verify,
  X509Certificate,
} from 'node:crypto';
import { z } from 'zod';
import type { MosipIdentityAuthenticationSettings } from '../../src/config/index.js';
import { type CertifiedKey, selfSignedRsa } from '../support/self-signed.js';
import { json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { parse } from './mosip-auth.js';
import type { MosipIdentities, MosipPerson } from './mosip-identities.js';

/** Where it stands in MOSIP; licence key, partner id and API key follow. */
export const IDA_PATH = '/idauthentication/v1/auth';

const Request = z.strictObject({
  id: z.literal('mosip.identity.auth'),
  version: z.literal('1.0'),
  individualId: z.string().min(1),
  individualIdType: z.enum(['UIN', 'VID', 'HANDLE']),
  transactionID: z.string().regex(/^\d{10}$/),
  requestTime: z.iso.datetime(),
  specVersion: z.literal('1.0'),
  thumbprint: z.string(),
  domainUri: z.string(),
  env: z.string(),
  requestedAuth: z.strictObject({ demo: z.boolean(), pin: z.boolean(), otp: z.boolean(), bio: z.boolean() }),
  consentObtained: z.literal(true),
  request: z.string(),
  requestSessionKey: z.string(),
  requestHMAC: z.string(),
});
type Request = z.infer<typeof Request>;

const InLanguage = z.array(z.strictObject({ language: z.string(), value: z.string() })).min(1);
const Inner = z.strictObject({
  biometrics: z.tuple([]),
  demographics: z.strictObject({
    dob: z
      .string()
      .regex(/^\d{4}\/\d{2}\/\d{2}$/)
      .optional(),
    age: z.string().regex(/^\d+$/).optional(),
    name: InLanguage.optional(),
    gender: InLanguage.optional(),
  }),
  otp: z.literal(''),
  timestamp: z.iso.datetime(),
});
type Demographics = z.infer<typeof Inner>['demographics'];

const JwsHeader = z.strictObject({ alg: z.literal('RS256'), x5c: z.tuple([z.string()]) });

/** How far our clock may be from its own. */
const WINDOW_MS = 120_000;

interface IdaError {
  readonly code: string;
  readonly message: string;
}

/** Thrown with what IDA answers. */
class Refused extends Error {
  readonly errors: readonly IdaError[];
  constructor(code: string, message: string) {
    super(message);
    this.errors = [{ code, message }];
  }
}

const fromPadded = (text: string): Buffer => {
  // Java's URL decoder knows neither + nor /, and a text without its padding is not what the SDK sends.
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw new Refused('IDA-MPA-003', 'Unable to decrypt Request');
  }
  return Buffer.from(text, 'base64url');
};

/** The words of a name as IDA compares them exactly: all of them, in any order, in any case. */
const wordsOf = (name: string): string => name.toLowerCase().split(/\s+/).sort().join(' ');

/** MOSIP's identity authentication: an IDA with one partner (reference/mosip.md 5, codes 1.4). */
export class MosipIda {
  readonly #identities: MosipIdentities;
  readonly #own: CertifiedKey = selfSignedRsa();
  readonly #partner: CertifiedKey = selfSignedRsa();
  /** Its time is ahead of ours by this. */
  aheadMs = 0;
  /** The demographics that it was sent, opened. */
  readonly claims: Demographics[] = [];
  /** From now on every claim is answered with these errors. */
  insteadOfAnswer: readonly IdaError[] = [];

  constructor(identities: MosipIdentities) {
    this.#identities = identities;
  }

  /** The settings of its partner. */
  settings(baseUrl: string): MosipIdentityAuthenticationSettings {
    return {
      url: `${baseUrl}${IDA_PATH}`,
      domainUri: 'https://mosip.example',
      licenceKey: 'misp-licence-key-of-the-tests',
      partnerId: 'crvs_partner',
      partnerApiKey: 'partner-api-key-of-the-tests',
      certificate: this.#own.cert,
      signingKey: this.#partner.key,
      signingCertificate: this.#partner.cert,
      environment: 'Staging',
      language: 'eng',
    };
  }

  answer(request: ReceivedRequest): PeerReply {
    try {
      if (this.insteadOfAnswer.length > 0) return this.#reply(this.insteadOfAnswer);
      this.#checkPartner(request);
      const outer = this.#open(request);
      return this.#reply(this.#judge(outer));
    } catch (thrown) {
      if (thrown instanceof Refused) return this.#reply(thrown.errors);
      throw thrown;
    }
  }

  #reply(errors: readonly IdaError[]): PeerReply {
    const isTrue = errors.length === 0;
    return json({
      transactionID: '1234567890',
      version: '1.0',
      id: 'mosip.identity.auth',
      responseTime: new Date().toISOString(),
      response: { authStatus: isTrue, authToken: isTrue ? '281306294027012372301264288518193' : null },
      errors: isTrue
        ? null
        : errors.map(({ code, message }) => ({ errorCode: code, errorMessage: message, actionMessage: 'Try again' })),
    });
  }

  #checkPartner({ path, headers }: ReceivedRequest): void {
    const { licenceKey, partnerId, partnerApiKey } = this.settings('');
    const [licence, partner, apiKey] = path
      .slice(IDA_PATH.length + 1)
      .split('/')
      .map(decodeURIComponent);
    if (headers['authorization'] !== 'Authorization') throw new Refused('IDA-MPA-013', 'Partner is unauthorised');
    if (licence !== licenceKey) {
      throw new Refused('IDA-MPA-007', 'License key does not belong to a registered MISP');
    }
    if (partner !== partnerId) throw new Refused('IDA-MPA-009', 'Partner is not registered');
    if (apiKey !== partnerApiKey) throw new Refused('IDA-MPA-014', 'Partner is not assigned with any policy');
  }

  #open({ headers, body }: ReceivedRequest): Request & { readonly demographics: Demographics } {
    this.#checkSignature(String(headers['signature'] ?? ''), body);
    const parsed = Request.safeParse(parse(body));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new Refused('IDA-MLC-009', `Invalid Input Parameter - ${issue?.path.join('/')}`);
    }
    const outer = parsed.data;
    this.#checkTime(outer.requestTime);
    const { domainUri, environment } = this.settings('');
    if (outer.domainUri !== domainUri) throw new Refused('IDA-MLC-009', 'Invalid Input Parameter - domainUri');
    if (outer.env !== environment) throw new Refused('IDA-MLC-009', 'Invalid Input Parameter - env');
    if (!outer.requestedAuth.demo) throw new Refused('IDA-MLC-008', 'No authentication type selected');
    const inner = Inner.safeParse(parse(Buffer.from(this.#decrypt(outer))));
    if (!inner.success) throw new Refused('IDA-MLC-009', 'Invalid Input Parameter - request');
    this.#checkTime(inner.data.timestamp);
    const { demographics } = inner.data;
    if (Object.keys(demographics).length === 0) throw new Refused('IDA-MLC-013', 'Missing demo auth attribute');
    this.claims.push(demographics);
    return { ...outer, demographics };
  }

  /** The JWS is over the bytes as they came. */
  #checkSignature(header: string, body: Buffer): void {
    const [protectedHeader = '', payload, signature = ''] = header.split('.');
    const jws = JwsHeader.safeParse(parse(Buffer.from(protectedHeader, 'base64url')));
    if (!jws.success || payload !== '') throw new Refused('IDA-MPA-001', 'Digital signature verification failed');
    const pem = Buffer.from(jws.data.x5c[0], 'base64url').toString('utf8');
    if (pem.trim() !== this.#partner.cert.trim()) {
      throw new Refused('IDA-MPA-021', 'Partner (Auth) Certificate not matching with signature header certificate.');
    }
    const signed = Buffer.from(`${protectedHeader}.${body.toString('base64url')}`);
    const key = new X509Certificate(pem).publicKey;
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) {
      throw new Refused('IDA-MPA-001', 'Digital signature verification failed');
    }
  }

  #checkTime(text: string): void {
    if (Math.abs(Date.now() + this.aheadMs - Date.parse(text)) <= WINDOW_MS) return;
    throw new Refused('IDA-MLC-001', 'Request to be received at MOSIP within 120 seconds');
  }

  /** Opens the inner request, whose digest was sealed beside it. */
  #decrypt({ thumbprint, requestSessionKey, request, requestHMAC }: Request): string {
    const own = createHash('sha256').update(new X509Certificate(this.#own.cert).raw).digest();
    if (!fromPadded(thumbprint).equals(own)) throw new Refused('IDA-MPA-003', 'Unable to decrypt Request');
    let inner: string;
    let digest: string;
    try {
      const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
      const key = privateDecrypt({ key: createPrivateKey(this.#own.key), ...padding }, fromPadded(requestSessionKey));
      const open = (text: string): string => {
        const sealed = fromPadded(text);
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(-16));
        decipher.setAuthTag(sealed.subarray(-32, -16));
        return Buffer.concat([decipher.update(sealed.subarray(0, -32)), decipher.final()]).toString('utf8');
      };
      inner = open(request);
      digest = open(requestHMAC);
    } catch {
      throw new Refused('IDA-MPA-003', 'Unable to decrypt Request');
    }
    if (digest !== createHash('sha256').update(inner).digest('hex').toUpperCase()) {
      throw new Refused('IDA-MPA-016', 'HMAC Validation failed');
    }
    return inner;
  }

  #judge({ individualId, individualIdType: type, demographics }: Request & { demographics: Demographics }): IdaError[] {
    const length = { UIN: 10, VID: 16, HANDLE: undefined }[type];
    if (length !== undefined && !new RegExp(`^\\d{${length}}$`).test(individualId)) {
      throw new Refused('IDA-MLC-009', 'Invalid Input Parameter - individualId');
    }
    const person = this.#identities.find(individualId);
    if (person === undefined) throw new Refused('IDA-MLC-018', `${type} not available in database`);
    if (type === 'VID' && person.vidStatus !== 'ACTIVE') throw new Refused('IDA-MLC-004', 'Invalid VID');
    if (person.status !== 'ACTIVATED') {
      if (type === 'VID') throw new Refused('IDA-MLC-010', 'VID corresponding to a deactivated UIN');
      throw new Refused('IDA-MLC-003', 'UIN has been deactivated');
    }
    return this.#differences(person, demographics);
  }

  #differences({ fields }: MosipPerson, { dob, age, name, gender }: Demographics): IdaError[] {
    const differs = (what: string): IdaError => ({
      code: 'IDA-DEA-001',
      message: `Demographic data ${what} did not match`,
    });
    const errors: IdaError[] = [];
    const compare = (
      what: string,
      claimed: z.infer<typeof InLanguage> | undefined,
      stored: string | undefined,
    ): void => {
      for (const { language, value } of claimed ?? []) {
        const own = InLanguage.safeParse(parse(Buffer.from(stored ?? ''))).data?.find(
          (entry) => entry.language === language,
        );
        if (own === undefined) {
          errors.push({
            code: 'IDA-DEA-003',
            message: `Demographic data ${what} in ${language} not available in database`,
          });
        } else if (wordsOf(own.value) !== wordsOf(value)) errors.push(differs(`${what} in ${language}`));
      }
    };
    compare('name', name, fields['fullName']);
    compare('gender', gender, fields['gender']);
    const born = fields['dateOfBirth'];
    if (dob !== undefined && dob !== born) errors.push(differs('dob'));
    if (age !== undefined && Number(age) > ageOf(born ?? '')) errors.push(differs('age'));
    return errors;
  }
}

/** Whole years up to today. */
function ageOf(born: string): number {
  const today = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  const years = Number(today.slice(0, 4)) - Number(born.slice(0, 4));
  return today.slice(4) >= born.slice(4) ? years : years - 1;
}
