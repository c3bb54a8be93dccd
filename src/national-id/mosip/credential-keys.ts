import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** A key that credentials are sealed for. */
export interface CredentialKey {
  readonly privateKey: KeyObject;
  /** Absent where only the key is known: it is found by trying then. */
  readonly certificate: X509Certificate | undefined;
}

const BLOCK = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g;

/** The private keys of a PEM text, each with its certificate where that stands in the text too. */
export function readCredentialKeys(pem: string): readonly CredentialKey[] {
  const blocks = [...pem.matchAll(BLOCK)].map(([text, label = '']) => ({ text, label }));
  const certificates = blocks
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ text }) => new X509Certificate(text));
  return blocks
    .filter(({ label }) => label.endsWith('PRIVATE KEY'))
    .map(({ text }) => {
      const privateKey = createPrivateKey(text);
      return { privateKey, certificate: certificates.find((one) => one.checkPrivateKey(privateKey)) };
    });
}
