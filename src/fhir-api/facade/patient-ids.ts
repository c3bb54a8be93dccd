import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { LookupKey } from '../../national-id/index.js';

/**
 * The ids of our Patients. No number of a person may stand in an address, and nothing is kept about those who are only
 * asked for: so an id is the sealed number by which its person is looked up, the same for the same number at every
 * instance and after every restart. Without the key it tells nothing.
 */
export interface PatientIds {
  /** Undefined for a number too long for an id of FHIR (64 characters). */
  idOf(key: LookupKey): string | undefined;
  /** Undefined for an id that is not ours. */
  keyOf(id: string): LookupKey | undefined;
  /** A tag for a version of what is told of a person; it tells nothing of the content. */
  tagOf(text: string): string;
}

const SEAL_BYTES = 16;
/** 64 characters hold 48 bytes: the seal, one letter for the kind of number, and the number. */
const LONGEST_NUMBER_BYTES = 48 - SEAL_BYTES - 1;
const [NATIONAL_ID, REGISTRATION_NUMBER] = ['n', 'r'];

/** FHIR's letters for ids have no underscore. */
const toId = (bytes: Buffer): string => bytes.toString('base64url').replaceAll('_', '.');
const toBytes = (id: string): Buffer => Buffer.from(id.replaceAll('.', '_'), 'base64url');

/** The ids under `INDEX_KEY`, which does not rotate. */
export function createPatientIds(indexKey: string): PatientIds {
  const derived = (use: string): Buffer => Buffer.from(hkdfSync('sha256', indexKey, '', `fhir patient ${use}`, 32));
  const [sealKey, cipherKey, tagKey] = [derived('seal'), derived('cipher'), derived('tag')];
  const sealOf = (plain: Buffer): Buffer =>
    createHmac('sha256', sealKey).update(plain).digest().subarray(0, SEAL_BYTES);

  return {
    idOf(key) {
      const text = 'nationalId' in key ? NATIONAL_ID + key.nationalId : REGISTRATION_NUMBER + key.registrationNumber;
      const plain = Buffer.from(text);
      if (plain.length > LONGEST_NUMBER_BYTES + 1) return undefined;
      // The seal is made of the number itself: the same number gives the same id, and no two share a key stream.
      const seal = sealOf(plain);
      return toId(Buffer.concat([seal, createCipheriv('aes-256-ctr', cipherKey, seal).update(plain)]));
    },
    keyOf(id) {
      const bytes = toBytes(id);
      if (bytes.length <= SEAL_BYTES + 1 || toId(bytes) !== id) return undefined;
      const seal = bytes.subarray(0, SEAL_BYTES);
      const plain = createDecipheriv('aes-256-ctr', cipherKey, seal).update(bytes.subarray(SEAL_BYTES));
      if (!timingSafeEqual(seal, sealOf(plain))) return undefined;
      const [kind, value] = [plain.toString('utf8', 0, 1), plain.toString('utf8', 1)];
      return kind === NATIONAL_ID ? { nationalId: value } : { registrationNumber: value };
    },
    tagOf: (text) => createHmac('sha256', tagKey).update(text).digest('hex').slice(0, 16),
  };
}
