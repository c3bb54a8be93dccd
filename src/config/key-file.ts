import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import forge from 'node-forge';

/** What a file of keys holds, in the order of the file. */
export interface KeyFile {
  readonly keys: readonly KeyObject[];
  readonly certificates: readonly X509Certificate[];
}

const isPem = (bytes: Buffer): boolean => bytes.includes('-----BEGIN ');

/** Every block of a PEM text whose label ends so. */
function blocksOf(pem: string, label: 'PRIVATE KEY' | 'CERTIFICATE'): string[] {
  const block = new RegExp(`-----BEGIN ([A-Z ]*${label})-----[\\s\\S]+?-----END \\1-----`, 'g');
  return [...pem.matchAll(block)].map(([text]) => text);
}

/**
 * The certificates in a PEM text.
 *
 * @throws Error for one that cannot be read
 */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  return blocksOf(pem, 'CERTIFICATE').map((block) => new X509Certificate(block));
}

const { pki, pkcs12, asn1 } = forge;
const KEY_BAGS: readonly unknown[] = [pki.oids['keyBag'], pki.oids['pkcs8ShroudedKeyBag']];

const derOf = (node: forge.asn1.Asn1): Buffer => Buffer.from(asn1.toDer(node).getBytes(), 'binary');

/** Node's own cryptography does not read these files. The library reads RSA itself, and gives the rest undecoded. */
function fromPkcs12(bytes: Buffer, password: string): KeyFile {
  const file = pkcs12.pkcs12FromAsn1(asn1.fromDer(bytes.toString('binary')), password);
  const bags = file.safeContents.flatMap(({ safeBags }) => safeBags);
  const keyBags = bags.filter(({ type }) => KEY_BAGS.includes(type));
  const certificateBags = bags.filter(({ type }) => type === pki.oids['certBag']);
  return {
    keys: keyBags.map(({ key, asn1: node }) =>
      key
        ? createPrivateKey(pki.privateKeyToPem(key))
        : createPrivateKey({ key: derOf(node), format: 'der', type: 'pkcs8' }),
    ),
    certificates: certificateBags.map(
      ({ cert, asn1: node }) => new X509Certificate(cert ? pki.certificateToPem(cert) : derOf(node)),
    ),
  };
}

/**
 * Reads a file of keys: PEM or PKCS#12. The password opens what asks for one.
 *
 * @throws Error for a file that is neither, or that the password does not open
 */
export function parseKeyFile(bytes: Buffer, password: string | undefined): KeyFile {
  if (!isPem(bytes)) return fromPkcs12(bytes, password ?? '');
  const pem = bytes.toString('utf8');
  return {
    keys: blocksOf(pem, 'PRIVATE KEY').map((block) =>
      createPrivateKey(password === undefined ? block : { key: block, passphrase: password }),
    ),
    certificates: certificatesIn(pem),
  };
}

/** One unencrypted form for every private key, as PEM text. */
export function plainKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
