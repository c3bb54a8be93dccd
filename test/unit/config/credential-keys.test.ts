import { createPrivateKey } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { readCredentialKeys } from '../../../src/config/credential-keys.js';
import type { Problem } from '../../../src/config/problems.js';
import { createCertifiedKey, toPkcs12 } from '../../support/certificates.js';
import { temporaryFiles } from './environment.js';

const PASSWORD = 'the password of the file';
const files = temporaryFiles();
const first = createCertifiedKey();
const second = createCertifiedKey();

const plain = (pem: string): string => createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
const encrypted = createPrivateKey(first.privateKey)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD })
  .toString();

const read = (contents: readonly (string | Buffer)[], password?: string) => {
  const problems: Problem[] = [];
  const paths = contents.map((content, index) => files.write(`${index}.key`, content));
  return { text: readCredentialKeys(paths, password, problems), problems };
};

test.each([
  { name: 'PKCS#8', content: plain(first.privateKey), password: undefined, withCertificate: false },
  { name: 'PKCS#1', content: first.privateKey, password: undefined, withCertificate: false },
  { name: 'encrypted', content: encrypted, password: PASSWORD, withCertificate: false },
  { name: 'not encrypted, beside one that is', content: first.privateKey, password: PASSWORD, withCertificate: false },
  {
    name: 'with its certificate before it',
    content: `${first.certificate}${first.privateKey}`,
    password: undefined,
    withCertificate: true,
  },
  { name: 'PKCS#12', content: toPkcs12(first, PASSWORD), password: PASSWORD, withCertificate: true },
  { name: 'PKCS#12 without a password', content: toPkcs12(first, ''), password: undefined, withCertificate: true },
])('reads a key: $name', ({ content, password, withCertificate }) => {
  const { text, problems } = read([content], password);
  expect(problems).toEqual([]);
  expect(text).toContain(plain(first.privateKey).trim());
  expect(text.includes('BEGIN CERTIFICATE')).toBe(withCertificate);
  expect(text).not.toContain('ENCRYPTED');
});

test('reads several files', () => {
  const { text, problems } = read([first.privateKey, toPkcs12(second, PASSWORD)], PASSWORD);
  expect(problems).toEqual([]);
  expect(text.match(/BEGIN PRIVATE KEY/g)).toHaveLength(2);
});

test.each([
  { name: 'an encrypted key without its password', content: encrypted, password: undefined },
  { name: 'an encrypted key with another password', content: encrypted, password: 'another' },
  { name: 'PKCS#12 with another password', content: toPkcs12(first, PASSWORD), password: 'another' },
  { name: 'a certificate only', content: first.certificate, password: undefined },
  { name: 'something else', content: Buffer.from([1, 2, 3]), password: undefined },
  { name: 'nothing', content: '', password: undefined },
])('says which setting is at fault, and nothing of what is in it: $name', ({ content, password }) => {
  const { problems } = read([content], password);
  expect(problems).toEqual([{ setting: 'MOSIP_CREDENTIAL_KEY_FILE', expected: expect.stringMatching(/file/) }]);
  expect(JSON.stringify(problems)).not.toContain(PASSWORD);
});
