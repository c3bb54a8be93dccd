import { constants, createDecipheriv, type KeyObject, privateDecrypt } from 'node:crypto';

/** Sizes and marks of MOSIP's hybrid cipher, version 2 (reference/mosip.md 3, the table). */
const VERSION = Buffer.from('VER_R2', 'ascii');
const THUMBPRINT_BYTES = 32;
const SPLITTER = Buffer.from('#KEY_SPLITTER#', 'ascii');
const AAD_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SESSION_KEY_BYTES = 32;

/**
 * Decrypts `VER_R2 | certificate thumbprint? | RSA block | #KEY_SPLITTER# | AAD | ciphertext | tag`.
 *
 * @throws Error when the bytes are not of that form or not for this key; callers give it a code
 */
export function decryptHybrid(sealed: Buffer, privateKey: KeyObject): Buffer {
  const { wrappedKey, rest } = split(sealed, rsaBytes(privateKey));
  // Node uses the digest named here for the mask function too, as MOSIP does.
  const sessionKey = privateDecrypt(
    { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    wrappedKey,
  );
  if (sessionKey.length !== SESSION_KEY_BYTES) throw new Error('session key of the wrong size');
  const aad = rest.subarray(0, AAD_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', sessionKey, aad.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(aad);
  decipher.setAuthTag(rest.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(rest.subarray(AAD_BYTES, -TAG_BYTES)), decipher.final()]);
}

/** The splitter is looked for only where it may stand: the RSA block is random bytes and could hold it by chance. */
function split(sealed: Buffer, keyBytes: number): { readonly wrappedKey: Buffer; readonly rest: Buffer } {
  if (!sealed.subarray(0, VERSION.length).equals(VERSION)) throw new Error('not of version 2');
  for (const keyStart of [VERSION.length + THUMBPRINT_BYTES, VERSION.length]) {
    const keyEnd = keyStart + keyBytes;
    const restStart = keyEnd + SPLITTER.length;
    if (sealed.length < restStart + AAD_BYTES + TAG_BYTES) continue;
    if (!sealed.subarray(keyEnd, restStart).equals(SPLITTER)) continue;
    return { wrappedKey: sealed.subarray(keyStart, keyEnd), rest: sealed.subarray(restStart) };
  }
  throw new Error('no key splitter behind the session key');
}

function rsaBytes(key: KeyObject): number {
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
}
