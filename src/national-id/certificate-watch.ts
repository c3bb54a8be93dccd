import { X509Certificate } from 'node:crypto';
import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { HealthCheck, Logger, Metrics } from '../telemetry/index.js';

/** The certificates that we use at national ID systems. */
export type CertificateName = 'client' | 'mosip-credential' | 'mosip-ida' | 'mosip-signing';

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

/** When the first certificate of a PEM text expires. */
export function expiryOf(certificate: CertificateName, pem: string): Expiry {
  return { certificate, at: new X509Certificate(pem).validToDate.getTime() };
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
