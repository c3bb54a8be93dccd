import { X509Certificate } from 'node:crypto';
import type { MosipSettings } from '../../config/index.js';
import { type Clock, type Repeater, repeat } from '../../runtime/index.js';
import type { HealthCheck, Logger, Metrics } from '../../telemetry/index.js';
import { readCredentialKeys } from './credential-keys.js';

export type CertificateName = 'mosip-credential' | 'mosip-ida' | 'mosip-signing';

export interface Expiry {
  readonly certificate: CertificateName;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface CertificateWatchDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'certificateExpiry'>;
  readonly check: HealthCheck;
}

const DAY_MS = 24 * 60 * 60_000;
const WARNED_AHEAD_MS = 30 * DAY_MS;

const expiryOf = (certificate: X509Certificate): number => certificate.validToDate.getTime();

/** When the certificates of the settings expire. Of several keys for credentials the one that lasts longest counts. */
export function certificateExpiries({ credentialKey, identityAuthentication }: MosipSettings): readonly Expiry[] {
  const credential = readCredentialKeys(credentialKey).flatMap(({ certificate }) =>
    certificate === undefined ? [] : [expiryOf(certificate)],
  );
  const expiries: Expiry[] = [];
  if (credential.length > 0) expiries.push({ certificate: 'mosip-credential', at: Math.max(...credential) });
  if (identityAuthentication !== undefined) {
    const { certificate, signingCertificate } = identityAuthentication;
    expiries.push({ certificate: 'mosip-ida', at: expiryOf(new X509Certificate(certificate)) });
    expiries.push({ certificate: 'mosip-signing', at: expiryOf(new X509Certificate(signingCertificate)) });
  }
  return expiries;
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Looks each day whether a certificate is about to expire, and says so from 30 days ahead. */
export function startCertificateWatch(
  { clock, log, metrics, check }: CertificateWatchDeps,
  expiries: readonly Expiry[],
): Repeater {
  for (const { certificate, at } of expiries) metrics.certificateExpiry.set({ certificate }, at / 1000);

  return repeat(clock, async () => {
    const now = clock.now();
    const soon = expiries.filter(({ at }) => at - now <= WARNED_AHEAD_MS);
    for (const { certificate, at } of soon) {
      const reason = `expires on ${dayOf(at)}`;
      log.warn(
        { event: 'certificate.expires', setting: certificate, reason },
        'a certificate is about to expire, or has',
      );
    }
    const told = soon.map(({ certificate, at }) => `${certificate}: ${dayOf(at)}`);
    if (told.length === 0) check.report('ok');
    else check.report('degraded', `Certificates expire within 30 days, or have: ${told.join(', ')}.`);
    return DAY_MS;
  });
}
