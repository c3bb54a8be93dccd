import type { X509Certificate } from 'node:crypto';
import { certificatesIn, type KeyFile, parseKeyFile, plainKey } from './key-file.js';
import type { Problem } from './problems.js';
import { readSettingBytes, readSettingFile } from './read-values.js';
import { Requirements } from './requirements.js';
import type { Values } from './settings/index.js';

/** A private key and what proves whose it is, as PEM texts. */
export interface CertifiedKey {
  /** Unencrypted. */
  readonly key: string;
  readonly certificate: string;
  /** The other certificates of its file, which may lead to an authority. */
  readonly others: string;
}

/** The settings of a key and its certificate. */
export type CertifiedKeySettings =
  | {
      readonly key: 'MOSIP_SIGNING_KEY_FILE';
      readonly certificate: 'MOSIP_SIGNING_CERT_FILE';
      readonly password: 'MOSIP_SIGNING_KEY_PASSWORD';
    }
  | {
      readonly key: 'NATIONAL_ID_CLIENT_KEY_FILE';
      readonly certificate: 'NATIONAL_ID_CLIENT_CERT_FILE';
      readonly password: 'NATIONAL_ID_CLIENT_KEY_PASSWORD';
    };

/** What `read` makes of a file; undefined where it throws: a parser's own words would help no operator. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * Reads a key and its certificate: both from one PEM or PKCS#12 file, or the certificate from a PEM file of its own.
 * Undefined where something is at fault, which becomes a problem. `why`: what asks for the key.
 */
export function readCertifiedKey(
  names: CertifiedKeySettings,
  values: Values,
  problems: Problem[],
  { why, isRsa }: { readonly why: string; readonly isRsa: boolean },
): CertifiedKey | undefined {
  const kind = isRsa ? 'an RSA private key' : 'a private key';

  const readKeys = (): KeyFile | undefined => {
    const path = new Requirements(problems).need(names.key, values[names.key], `a file with ${kind}, ${why}`);
    const bytes = path === '' ? undefined : readSettingBytes(names.key, path, problems);
    if (bytes === undefined) return undefined;
    const file = attempt(() => parseKeyFile(bytes, values[names.password]));
    const [key] = file?.keys ?? [];
    if (key !== undefined && (!isRsa || key.asymmetricKeyType === 'rsa')) return file;
    const expected = `a PEM or PKCS#12 file with ${kind}, and ${names.password} where it asks for one`;
    problems.push({ setting: names.key, expected });
    return undefined;
  };

  /** Those of the file that is theirs alone; undefined where none is named, or it is at fault. */
  const readCertificates = (): readonly X509Certificate[] | undefined => {
    const path = values[names.certificate];
    const text = path === undefined ? undefined : readSettingFile(names.certificate, path, problems);
    if (text === undefined) return undefined;
    const certificates = attempt(() => certificatesIn(text)) ?? [];
    if (certificates.length > 0) return certificates;
    problems.push({ setting: names.certificate, expected: 'a PEM file with a certificate' });
    return undefined;
  };

  const before = problems.length;
  const file = readKeys();
  const given = readCertificates();
  const [key] = file?.keys ?? [];
  if (key === undefined || problems.length > before) return undefined;
  const certificates = given ?? file?.certificates ?? [];
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own !== undefined) {
    const others = certificates.filter((certificate) => certificate !== own);
    return { key: plainKey(key), certificate: own.toString(), others: others.join('') };
  }
  const expected = `a PEM file with the certificate of the key in ${names.key}, unless that file holds it`;
  problems.push({ setting: names.certificate, expected });
  return undefined;
}
