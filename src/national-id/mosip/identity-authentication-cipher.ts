import {
  constants,
  createCipheriv,
  createHash,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  sign,
  type X509Certificate,
} from 'node:crypto';

/** IDA's cipher has a nonce of its own length (reference/mosip.md 5). */
const NONCE_BYTES = 16;
const SESSION_KEY_BYTES = 32;

/** The parts of a request that only IDA can read. */
export interface SealedDemographics {
  readonly request: string;
  readonly requestSessionKey: string;
  readonly requestHMAC: string;
  /** Of the certificate whose key opens them. */
  readonly thumbprint: string;
}

/** base64url with its padding, as Java's decoder takes it. */
export function paddedBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** Ciphertext, tag, nonce, in this order; no further authenticated data. */
function encrypt(text: string, sessionKey: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sessionKey, nonce);
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag(), nonce]);
}

/** Seals the inner request under a fresh key, and that key for IDA's certificate (reference/mosip.md 5). */
export function sealDemographics(inner: string, certificate: X509Certificate): SealedDemographics {
  const sessionKey = randomBytes(SESSION_KEY_BYTES);
  const digest = createHash('sha256').update(inner).digest('hex').toUpperCase();
  // Node uses the digest named here for the mask function too, as MOSIP does.
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  return {
    request: paddedBase64Url(encrypt(inner, sessionKey)),
    requestSessionKey: paddedBase64Url(publicEncrypt({ key: certificate.publicKey, ...padding }, sessionKey)),
    requestHMAC: paddedBase64Url(encrypt(digest, sessionKey)),
    thumbprint: paddedBase64Url(createHash('sha256').update(certificate.raw).digest()),
  };
}

/**
 * The `Signature` header: a JWS (RS256) over exactly this text, without the text. `x5c` holds the PEM text of the
 * certificate in base64url, which is MOSIP's way and not that of RFC 7515.
 */
export function detachedSignature(text: string, key: KeyObject, certificatePem: string): string {
  const header = JSON.stringify({ alg: 'RS256', x5c: [Buffer.from(certificatePem).toString('base64url')] });
  const protectedHeader = Buffer.from(header).toString('base64url');
  const signed = `${protectedHeader}.${Buffer.from(text).toString('base64url')}`;
  return `${protectedHeader}..${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}
