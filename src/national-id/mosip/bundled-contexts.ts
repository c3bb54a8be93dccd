// JSON-LD contexts in our own words: of the W3C's vocabularies only the terms that MOSIP's credentials and their proofs
// use. A term means the same whatever else its context says, so the canonical form is the same.

const CREDENTIALS = 'https://www.w3.org/2018/credentials#';
const SECURITY = 'https://w3id.org/security#';
const XSD = 'http://www.w3.org/2001/XMLSchema#';

const reference = (id: string) => ({ '@id': id, '@type': '@id' }) as const;
const moment = (id: string) => ({ '@id': id, '@type': `${XSD}dateTime` }) as const;

/** Of `https://www.w3.org/2018/credentials/v1`. */
export const CREDENTIALS_CONTEXT = {
  '@version': 1.1,
  id: '@id',
  type: '@type',
  VerifiableCredential: `${CREDENTIALS}VerifiableCredential`,
  credentialSubject: reference(`${CREDENTIALS}credentialSubject`),
  credentialStatus: reference(`${CREDENTIALS}credentialStatus`),
  credentialSchema: reference(`${CREDENTIALS}credentialSchema`),
  evidence: reference(`${CREDENTIALS}evidence`),
  issuer: reference(`${CREDENTIALS}issuer`),
  issuanceDate: moment(`${CREDENTIALS}issuanceDate`),
  expirationDate: moment(`${CREDENTIALS}expirationDate`),
  validFrom: moment(`${CREDENTIALS}validFrom`),
  validUntil: moment(`${CREDENTIALS}validUntil`),
} as const;

/** Of `https://w3id.org/security/v2`, under which the options of a proof are canonical. */
export const PROOF_CONTEXT = {
  '@version': 1.1,
  type: '@type',
  RsaSignature2018: `${SECURITY}RsaSignature2018`,
  assertionMethod: `${SECURITY}assertionMethod`,
  created: moment('http://purl.org/dc/terms/created'),
  proofPurpose: { '@id': `${SECURITY}proofPurpose`, '@type': '@vocab' },
  verificationMethod: reference(`${SECURITY}verificationMethod`),
} as const;
