import { createHash, X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { readCredentialKeys } from '../../../src/national-id/mosip/credential-keys.js';
import { decryptHybrid } from '../../../src/national-id/mosip/hybrid-cipher.js';
import { createKeyPair, type SealOptions, sealCredential } from '../../peers/mosip-credential.js';
import { createCertifiedKey } from '../../support/certificates.js';

const TEXT = 'a credential';
const old = createCertifiedKey();
const current = createCertifiedKey();
const bare = createKeyPair();
const keys = readCredentialKeys(
  [current, old, bare].flatMap((one) => Object.values(one).filter(isNoPublicKey)).join(''),
);

function isNoPublicKey(pem: string): boolean {
  return !pem.includes('PUBLIC KEY');
}

const thumbprintOf = ({ certificate }: { readonly certificate: string }): Buffer =>
  createHash('sha256').update(new X509Certificate(certificate).raw).digest();

const open = (publicKey: string, options: SealOptions): string =>
  decryptHybrid(Buffer.from(sealCredential(TEXT, publicKey, options), 'base64'), keys).toString();

test('a key is known with its certificate, wherever that stands', () => {
  const [one, other, third] = keys.map(({ certificate }) => certificate?.raw);
  expect(one).toEqual(new X509Certificate(current.certificate).raw);
  expect(other).toEqual(new X509Certificate(old.certificate).raw);
  expect(third).toBeUndefined();
});

test.each<SealOptions & { name: string }>([
  { name: 'version 2 with a thumbprint', thumbprint: thumbprintOf(old) },
  { name: 'version 2 with the thumbprint of nobody', thumbprint: true },
  { name: 'version 2 with the thumbprint of another key', thumbprint: thumbprintOf(current) },
  { name: 'version 2 without one', thumbprint: false },
  { name: 'the older form with a thumbprint', thumbprint: thumbprintOf(old), isOld: true },
  { name: 'the older form without one', thumbprint: false, isOld: true },
])('opens what was sealed for any of our keys: $name', ({ name: _, ...options }) => {
  for (const { publicKey } of [old, current, bare]) expect(open(publicKey, options)).toBe(TEXT);
});

test.each<SealOptions & { name: string }>([
  { name: 'version 2', thumbprint: true },
  { name: 'the older form', thumbprint: false, isOld: true },
])('opens nothing that was sealed for others, or changed by a bit: $name', ({ name: _, ...options }) => {
  expect(() => open(createKeyPair().publicKey, options)).toThrow('none of the keys');
  const sealed = Buffer.from(sealCredential(TEXT, old.publicKey, options), 'base64');
  sealed.writeUInt8(sealed.readUInt8(sealed.length - 40) ^ 1, sealed.length - 40);
  expect(() => decryptHybrid(sealed, keys)).toThrow('none of the keys');
});

test.each([0, 5, 300, 340])('refuses %i bytes', (length) => {
  expect(() => decryptHybrid(Buffer.alloc(length, 65), keys)).toThrow('no key splitter');
});
