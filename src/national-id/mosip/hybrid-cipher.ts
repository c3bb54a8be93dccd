import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  type X509Certificate,
} from 'node:crypto';
import type { CredentialKey } from './credential-keys.js';

/** Sizes and marks of MOSIP's hybrid cipher (reference/mosip.md 3, the table). */
const VERSION = Buffer.from('VER_R2', 'ascii');
const THUMBPRINT_BYTES = 32;
const SPLITTER = Buffer.from('#KEY_SPLITTER#', 'ascii');
const AAD_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SESSION_KEY_BYTES = 32;
/** The form before version 2 has no AAD, and a nonce of a whole block at its end (MOSIP's kernel, `CryptoCore`). */
const OLD_NONCE_BYTES = 16;

interface Sealed {
  readonly isVersion2: boolean;
  readonly thumbprint: Buffer | undefined;
  readonly wrappedKey: Buffer;
  readonly rest: Buffer;
}

/**
 * Decrypts `VER_R2 | certificate thumbprint? | RSA block | #KEY_SPLITTER# | AAD | ciphertext | tag`, and the older
 * `certificate thumbprint? | RSA block | #KEY_SPLITTER# | ciphertext | tag | nonce`. Of several keys the one that the
 * thumbprint names is tried first: certificates are renewed under the same key, so another may still be right.
 *
 * @throws Error when the bytes are not of that form or not for any of the keys; callers give it a code
 */
export function decryptHybrid(sealed: Buffer, keys: readonly CredentialKey[]): Buffer {
  const attempts = keys.flatMap(({ privateKey, certificate }) => {
    const parts = split(sealed, rsaBytes(privateKey));
    if (parts === undefined) return [];
    const isNamed = certificate !== undefined && parts.thumbprint?.equals(thumbprintOf(certificate)) === true;
    return [{ privateKey, parts, isNamed }];
  });
  if (attempts.length === 0) throw new Error('no key splitter behind a session key');
  for (const { privateKey, parts } of attempts.toSorted((a, b) => Number(b.isNamed) - Number(a.isNamed))) {
    try {
      return open(parts, privateKey);
    } catch {
      // Not for this key. The tag tells for certain: no other key opens what is not for it.
    }
  }
  throw new Error('sealed for none of the keys');
}

function open({ isVersion2, wrappedKey, rest }: Sealed, privateKey: KeyObject): Buffer {
  // Node uses the digest named here for the mask function too, as MOSIP does.
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  const sessionKey = privateDecrypt({ key: privateKey, ...padding }, wrappedKey);
  if (sessionKey.length !== SESSION_KEY_BYTES) throw new Error('session key of the wrong size');
  const aad = isVersion2 ? rest.subarray(0, AAD_BYTES) : Buffer.alloc(0);
  const nonce = isVersion2 ? aad.subarray(0, NONCE_BYTES) : rest.subarray(-OLD_NONCE_BYTES);
  const content = isVersion2 ? rest.subarray(AAD_BYTES) : rest.subarray(0, -OLD_NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', sessionKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(content.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(content.subarray(0, -TAG_BYTES)), decipher.final()]);
}

/** Seals as MOSIP does, without the thumbprint of a certificate: for a trial of our own key. */
export function sealHybrid(content: Buffer, publicKey: KeyObject): Buffer {
  const sessionKey = randomBytes(SESSION_KEY_BYTES);
  const aad = randomBytes(AAD_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sessionKey, aad.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  const wrappedKey = publicEncrypt({ key: publicKey, ...padding }, sessionKey);
  return Buffer.concat([VERSION, wrappedKey, SPLITTER, aad, sealed, cipher.getAuthTag()]);
}

/** The splitter is looked for only where it may stand: the RSA block is random bytes and could hold it by chance. */
function split(sealed: Buffer, keyBytes: number): Sealed | undefined {
  const isVersion2 = sealed.subarray(0, VERSION.length).equals(VERSION);
  const start = isVersion2 ? VERSION.length : 0;
  const leastRest = isVersion2 ? AAD_BYTES + TAG_BYTES : TAG_BYTES + OLD_NONCE_BYTES;
  for (const keyStart of [start + THUMBPRINT_BYTES, start]) {
    const keyEnd = keyStart + keyBytes;
    const restStart = keyEnd + SPLITTER.length;
    if (sealed.length < restStart + leastRest) continue;
    if (!sealed.subarray(keyEnd, restStart).equals(SPLITTER)) continue;
    const thumbprint = keyStart === start ? undefined : sealed.subarray(start, keyStart);
    return { isVersion2, thumbprint, wrappedKey: sealed.subarray(keyStart, keyEnd), rest: sealed.subarray(restStart) };
  }
  return undefined;
}

function thumbprintOf(certificate: X509Certificate): Buffer {
  return createHash('sha256').update(certificate.raw).digest();
}

function rsaBytes(key: KeyObject): number {
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
}
