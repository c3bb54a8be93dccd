import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createCertifiedKey, toPkcs12 } from '../../support/certificates.js';
import { selfSigned } from '../../support/self-signed.js';
import { FEWEST, problemsOf, settingsWith, temporaryFiles } from './environment.js';

const PASSWORD = 'the password of the file';
const files = temporaryFiles();
const [elliptic, stranger, rsa] = [selfSigned(), selfSigned(), createCertifiedKey()];
const encrypted = createPrivateKey(elliptic.key)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD })
  .toString();

/** An elliptic key, its certificate and that of its authority, as OpenSSL 3 puts them into a file; password `pw`. */
const OF_OPENSSL = [
  'MIIFjAIBAzCCBUIGCSqGSIb3DQEHAaCCBTMEggUvMIIFKzCCA+IGCSqGSIb3DQEHBqCCA9MwggPPAgEAMIIDyAYJKoZIhvcNAQcBMFcGCSqG',
  'SIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhu8MGfzE/5JwICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEELeYbjZEJWzZNHhJmax4',
  'aaqAggNg7eDGbCy5t4KDIeB3v0OtSFZ3oQBli6UL/zkt+B3ryETUedoStg6DS/ovEUO2bpTwNx2usjglKWsgG6Ra0+K+f8B03EDW4VscC0xW',
  'eo/wv2s7UwQQ1vkxBnxiJPz1kJlUWtIiHb565Dop+GXgUCexNrT0Xv2f0bmUTT074vHo6Bf8rTvr49mOdAenFzVc2pfCApvCuJsqJxmG9Hvs',
  'DufWK2LBZRDFiT9EE+9ttL6xT3dsC82ycG6Vifz7zw3+hqTQkHpbj28II7xy60pYNbWt9h9mK7zsIo8OzrjQQ0KXKMX8bQSxDtN+QJN0yfg4',
  'C2lwUmcRUac6S/uX7sTYYrRSTyWiwVC5l/kB6HZJ9twpbPlAA9QRjtFiXf+HcX7zSjizfMe3FxTBsH0I6rSlewEkmycvf1+1eTABBJSBJ8CE',
  'SYhuN8Kx1HwnsqT5UKTS+uIezilA+xULlj98dzkP1klxkhPAG2iVQp7xBwm4w7ea19QP+Slo1YsRT+eMMNnkXsDiYJHKzCkSjWDdrvY2NAIR',
  'l3Ef1H4L4XwpOMXCnS0WSvoatetCxVup05omXW4JWmvjnuJAQDzw5Z1lg1ip591gmB1lRfFb9HHHG04nPAAHaCXX62EFsejufhNScLTILMXW',
  'oMRovOvV4LXaQUZ6eS1SZH5r5onYWTjKLRePXY9SZkstvV7SVT3tArbuBy09q5MzP+YOvJdQ7NaiKrrPyO7pVAyN6Hpvj67+Bvhkk3J2iDTx',
  'rw7FFb+IhqTPGErW7+1HDIqdAwh9LLZqijO6gbh0gMvxcJN+0i0yW+fj/XkaEJICgci3svXbhlmzSaKHcovWiBNhWpe98B6MdUPjfigM6nIp',
  'kzVKEeuzbRn2n4YShT/Rm14woEy7zzaiJEWkv5XMr0F9/SheXEys94h+aNB21jEjmUm/E6sPShRKHQ16Zmx0DVjE/6RBVtUnvNbSzQxR2kd2',
  'QduV8odajU2CZRGiXKsADx594EJ/RtUgACByRRvD3+2SpTeNjZmiVSxmiVYxsXB0bF0Mt25oJ/82dexlI+XrXFhd2Q5AQr5tK157OtBExNj+',
  '9VTw726T4yh7RrRWqSTcHz0yepzt1e1+1SjUkiFNhUV820adWqZx/0dStV/R+YKTt674mzhaFkHe5t5zMIIBQQYJKoZIhvcNAQcBoIIBMgSC',
  'AS4wggEqMIIBJgYLKoZIhvcNAQwKAQKgge8wgewwVwYJKoZIhvcNAQUNMEowKQYJKoZIhvcNAQUMMBwECCp0nxmI8DnrAgIIADAMBggqhkiG',
  '9w0CCQUAMB0GCWCGSAFlAwQBKgQQuAUhlL2WoyUWoDIPzjIfEgSBkI7WQZL9KUtuLv2adfcxgXkxDrVu8KKcbtP3qck8oA2zW+0do7B1xA5J',
  'aSXZyHtEZOyJK32KHrExS3WZhRlGi8Mi+iZHgZDy/hXJEYBQgD8E6I5Qv/bYxMzwld9VKCnTLXIsi41XrAeOiJ3/zlnpBKlnz00wdoBfJ5ei',
  'yNigF+uRhs2Dstz7Ot6ZzSIzBYrB2zElMCMGCSqGSIb3DQEJFTEWBBTDS7vw9KnnNUtB7RgyrKQK+nfUxzBBMDEwDQYJYIZIAWUDBAIBBQAE',
  'IG/6qXvAcY+rv0JFCCw5AGpfJC30YPIT7NDR9JOveLKcBAjDBCgyP9FLlAICCAA=',
].join('');

interface Given {
  readonly key?: string | Buffer;
  readonly certificate?: string;
  readonly password?: string;
}

/** The settings that lead to these files. */
function environment({ key, certificate, password }: Given): Readonly<Record<string, string>> {
  return {
    ...(key === undefined ? {} : { NATIONAL_ID_CLIENT_KEY_FILE: files.write('client.key', key) }),
    ...(certificate === undefined ? {} : { NATIONAL_ID_CLIENT_CERT_FILE: files.write('client.pem', certificate) }),
    ...(password === undefined ? {} : { NATIONAL_ID_CLIENT_KEY_PASSWORD: password }),
  };
}

test('without these settings there is none', () => {
  expect(settingsWith().clientCertificate).toBeUndefined();
});

test.each<{ name: string; given: Given }>([
  { name: 'two files', given: { key: elliptic.key, certificate: elliptic.cert } },
  { name: 'an encrypted key', given: { key: encrypted, certificate: elliptic.cert, password: PASSWORD } },
  { name: 'one file of PEM', given: { key: elliptic.cert + elliptic.key } },
  { name: 'its authority before it', given: { key: elliptic.key, certificate: stranger.cert + elliptic.cert } },
  { name: 'PKCS#12', given: { key: toPkcs12(rsa, PASSWORD), password: PASSWORD } },
  { name: 'PKCS#12 of OpenSSL 3', given: { key: Buffer.from(OF_OPENSSL, 'base64'), password: 'pw' } },
  {
    name: 'PKCS#12, and the certificate again',
    given: { key: toPkcs12(rsa, PASSWORD), certificate: rsa.certificate, password: PASSWORD },
  },
])('$name: the key is plain, and its certificate comes first', ({ given }) => {
  const { key = '', cert = '' } = settingsWith(environment(given)).clientCertificate ?? {};
  expect(key).not.toContain('ENCRYPTED');
  expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).toBe(true);
});

test('the certificates between it and its authority go along', () => {
  const given = { key: Buffer.from(OF_OPENSSL, 'base64'), password: 'pw' };
  expect(settingsWith(environment(given)).clientCertificate?.cert.match(/BEGIN/g)).toHaveLength(2);
});

const [KEY, CERTIFICATE] = ['NATIONAL_ID_CLIENT_KEY_FILE', 'NATIONAL_ID_CLIENT_CERT_FILE'];

test.each<{ name: string; given: Given; faults: readonly unknown[] }>([
  { name: 'a certificate without a key', given: { certificate: elliptic.cert }, faults: [KEY] },
  { name: 'a password without a key', given: { password: PASSWORD }, faults: [KEY] },
  { name: 'a key without a certificate', given: { key: elliptic.key }, faults: [CERTIFICATE] },
  { name: 'that of another key', given: { key: elliptic.key, certificate: stranger.cert }, faults: [CERTIFICATE] },
  {
    name: 'no certificate in its file',
    given: { key: elliptic.key, certificate: elliptic.key },
    faults: [CERTIFICATE],
  },
  { name: 'nothing in either file', given: { key: '', certificate: '' }, faults: [KEY, CERTIFICATE] },
  {
    name: 'an encrypted key without its password',
    given: { key: encrypted, certificate: elliptic.cert },
    faults: [KEY],
  },
  { name: 'another password', given: { key: toPkcs12(rsa, PASSWORD), password: 'another' }, faults: [KEY] },
  { name: 'something else', given: { key: Buffer.from([1, 2, 3]), certificate: elliptic.cert }, faults: [KEY] },
])('told by name, and nothing of what is in it: $name', ({ given, faults }) => {
  const problems = problemsOf({ ...FEWEST, ...environment(given) });
  expect(problems.map(({ setting }) => setting)).toEqual(faults);
  expect(JSON.stringify(problems)).not.toMatch(/the password|another\b|MII/);
});

test('a file that cannot be read is told by name', () => {
  const given = { [KEY ?? '']: `${files.folder}/none`, [CERTIFICATE ?? '']: files.folder };
  expect(problemsOf({ ...FEWEST, ...given })).toEqual([
    { setting: KEY, expected: 'a readable file (ENOENT)' },
    { setting: CERTIFICATE, expected: 'a readable file (EISDIR)' },
  ]);
});
