import { X509Certificate } from 'node:crypto';
import { type Found, failed, ok, warning } from './finding.js';

const DAY_MS = 86_400_000;
/** A certificate that ends sooner is told: renewing one can take weeks. */
const SOON_DAYS = 30;

/** What the words of TLS mean for an operator. */
const FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet: is the clock right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is made out to another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate signs itself and is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority of the certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority of the certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of the certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the server does not send the certificates between its own and the authority',
};

/** A fault of a handshake in plain words, by Node's code of it. */
export const tlsFault = (code: string): string => FAULTS[code] ?? `the certificate is refused (${code})`;

/** Whether a certificate that is taken now will be for long enough. */
export function judgeExpiry(validTo: Date, nowMs: number, next: string): Found {
  const days = Math.floor((validTo.getTime() - nowMs) / DAY_MS);
  const date = validTo.toISOString().slice(0, 10);
  if (validTo.getTime() < nowMs) return failed(`The certificate has expired on ${date}.`, next);
  if (days < SOON_DAYS) return warning(`The certificate ends on ${date}, in ${days} days.`, next);
  return ok(`The certificate is valid until ${date}.`);
}

/** A certificate of ours, of which we have the file. */
export function judgeOwnCertificate(pem: string, nowMs: number, next: string): Found {
  try {
    return judgeExpiry(new X509Certificate(pem).validToDate, nowMs, next);
  } catch {
    // The parser's words are about ASN.1.
    return failed('The file holds no certificate that can be read.', next);
  }
}
