import type { MosipSettings } from '../../config/index.js';
import { type Expiry, expiryOf } from '../certificate-watch.js';
import { readCredentialKeys } from './credential-keys.js';

/** When the certificates of the settings expire. Of several keys for credentials the one that lasts longest counts. */
export function certificateExpiries({ credentialKey, identityAuthentication }: MosipSettings): readonly Expiry[] {
  const credential = readCredentialKeys(credentialKey).flatMap(({ certificate }) =>
    certificate === undefined ? [] : [certificate.validToDate.getTime()],
  );
  const expiries: Expiry[] = [];
  if (credential.length > 0) expiries.push({ certificate: 'mosip-credential', at: Math.max(...credential) });
  if (identityAuthentication !== undefined) {
    const { certificate, signingCertificate } = identityAuthentication;
    expiries.push(expiryOf('mosip-ida', certificate), expiryOf('mosip-signing', signingCertificate));
  }
  return expiries;
}
