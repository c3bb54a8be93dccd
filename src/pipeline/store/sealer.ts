import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { EncryptionKey } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';

/** Encrypted data and the id of the key it was encrypted with. */
export interface Sealed {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

export interface Sealer {
  /** The key that new data is encrypted with. */
  readonly writingKeyId: string;
  /** Those that it can read with. */
  readonly keyIds: readonly string[];
  /** Encrypts JSON data for one row; it opens only under the same row id. */
  seal(rowId: string, data: unknown): Sealed;
  /** @throws MediatorError `payload_lost` when the key is unknown or the bytes were changed */
  open(rowId: string, sealed: Sealed): unknown;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM over JSON: nonce, tag, ciphertext. The first key writes, all read. */
export function createSealer(keys: readonly [EncryptionKey, ...EncryptionKey[]]): Sealer {
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  const [writing] = keys;
  return {
    writingKeyId: writing.id,
    keyIds: [...byId.keys()],
    seal(rowId, data) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', writing.key, nonce).setAAD(Buffer.from(rowId));
      const text = Buffer.concat([cipher.update(JSON.stringify(data), 'utf8'), cipher.final()]);
      return { keyId: writing.id, bytes: Buffer.concat([nonce, cipher.getAuthTag(), text]) };
    },
    open(rowId, { keyId, bytes }) {
      const key = byId.get(keyId);
      if (key === undefined) {
        throw new MediatorError('payload_lost', { message: `DATA_ENCRYPTION_KEY holds no key named ${keyId}.` });
      }
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      try {
        // The length is fixed here: without it a tag that was cut to four bytes would be taken.
        const options = { authTagLength: TAG_BYTES };
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, options);
        decipher.setAAD(Buffer.from(rowId)).setAuthTag(tag);
        const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
        return JSON.parse(text.toString('utf8'));
      } catch (cause) {
        throw new MediatorError('payload_lost', { cause });
      }
    },
  };
}
