import { createPrivateKey } from 'node:crypto';
import forge from 'node-forge';
import type { Problem } from './problems.js';
import { readSettingBytes } from './read-values.js';

const SETTING = 'MOSIP_CREDENTIAL_KEY_FILE';

const isPem = (bytes: Buffer): boolean => bytes.includes('-----BEGIN ');

/** Every block of a PEM text whose label ends so. */
function blocksOf(pem: string, label: 'PRIVATE KEY' | 'CERTIFICATE'): string[] {
  const block = new RegExp(`-----BEGIN ([A-Z ]*${label})-----[\\s\\S]+?-----END \\1-----`, 'g');
  return [...pem.matchAll(block)].map(([text]) => text);
}

/** One unencrypted form for every private key. */
function plainKey(pem: string, passphrase: string | undefined): string {
  const key = createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  if (key.asymmetricKeyType !== 'rsa') throw new Error('not an RSA key');
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The keys and certificates of a PKCS#12 file, as PEM; Node's own cryptography does not read these files. */
function fromPkcs12(bytes: Buffer, password: string): string {
  const { pki, pkcs12, asn1 } = forge;
  const file = pkcs12.pkcs12FromAsn1(asn1.fromDer(bytes.toString('binary')), password);
  const bags = file.safeContents.flatMap(({ safeBags }) => safeBags);
  const keys = bags.flatMap(({ key }) => (key ? [pki.privateKeyToPem(key)] : []));
  const certificates = bags.flatMap(({ cert }) => (cert ? [pki.certificateToPem(cert)] : []));
  return [...keys, ...certificates].join('\n');
}

function readKeys(bytes: Buffer, password: string | undefined): string {
  const pem = isPem(bytes) ? bytes.toString('utf8') : fromPkcs12(bytes, password ?? '');
  const keys = blocksOf(pem, 'PRIVATE KEY').map((text) => plainKey(text, password));
  if (keys.length === 0) throw new Error('no private key');
  return [...keys, ...blocksOf(pem, 'CERTIFICATE')].join('\n');
}

/**
 * The RSA keys that credentials are sealed for, and their certificates where the files hold them, as one PEM text. Each
 * file is PEM or PKCS#12; the password opens those that ask for one. A file at fault becomes a problem.
 */
export function readCredentialKeys(
  paths: readonly string[],
  password: string | undefined,
  problems: Problem[],
): string {
  const texts = paths.map((path) => {
    const bytes = readSettingBytes(SETTING, path, problems);
    if (bytes === undefined) return '';
    try {
      return readKeys(bytes, password);
    } catch {
      // The error of the parser says nothing that an operator could use.
      const expected =
        'PEM or PKCS#12 files with an RSA private key, and MOSIP_CREDENTIAL_KEY_PASSWORD where they ask for one';
      problems.push({ setting: SETTING, expected });
      return '';
    }
  });
  return texts.join('\n');
}
