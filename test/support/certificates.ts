import forge from 'node-forge';
import { createKeyPair } from '../peers/mosip-credential.js';

export interface CertifiedKey {
  /** PEM texts. */
  readonly privateKey: string;
  readonly publicKey: string;
  readonly certificate: string;
}

const DAY_MS = 24 * 60 * 60_000;

/** An RSA key with a certificate that it has signed itself, valid from yesterday for so many days from now. */
export function createCertifiedKey({ days = 365, now = Date.now() } = {}): CertifiedKey {
  // Node makes the keys: forge takes seconds for a pair.
  const pair = createKeyPair();
  const privateKey = forge.pki.privateKeyFromPem(pair.privateKey);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(now - DAY_MS);
  certificate.validity.notAfter = new Date(now + days * DAY_MS);
  const subject = [{ name: 'commonName', value: 'test partner' }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.sign(privateKey, forge.md.sha256.create());
  return {
    privateKey: forge.pki.privateKeyToPem(privateKey),
    publicKey: pair.publicKey,
    certificate: forge.pki.certificateToPem(certificate),
  };
}

/** A PKCS#12 file with the key and its certificate. */
export function toPkcs12({ privateKey, certificate }: CertifiedKey, password: string): Buffer {
  const { pki, pkcs12, asn1 } = forge;
  const file = pkcs12.toPkcs12Asn1(pki.privateKeyFromPem(privateKey), [pki.certificateFromPem(certificate)], password);
  return Buffer.from(asn1.toDer(file).getBytes(), 'binary');
}
