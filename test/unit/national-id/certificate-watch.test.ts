import { afterEach, expect, test } from '@jest/globals';
import { type Expiry, startCertificateWatch } from '../../../src/national-id/certificate-watch.js';
import { certificateExpiries } from '../../../src/national-id/mosip/certificate-expiries.js';
import type { Repeater } from '../../../src/runtime/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { mosipSettings } from '../../peers/mosip-settings.js';
import { createCertifiedKey } from '../../support/certificates.js';

const DAY_MS = 24 * 60 * 60_000;
let watch: Repeater | undefined;
afterEach(() => watch?.stop());

function begin(expiresInDays: number) {
  const clock = new ManualClock();
  const metrics = createMetrics();
  const health = createHealth(clock);
  const { log, lines } = createMemoryLog();
  const at = clock.now() + expiresInDays * DAY_MS;
  const expiries: readonly Expiry[] = [{ certificate: 'mosip-ida', at }];
  watch = startCertificateWatch({ clock, log, metrics, check: health.check('certificates') }, expiries);
  return { clock, metrics, lines, at, state: () => health.readiness().checks['certificates'] };
}

test('a certificate is shown with the time at which it expires', async () => {
  const { metrics, at } = begin(100);
  const { text } = await metrics.render();
  expect(text).toContain(`mediator_certificate_expiry_timestamp_seconds{certificate="mosip-ida"} ${at / 1000}`);
});

test.each([
  { days: 31, state: 'ok', warnings: 0 },
  { days: 30, state: 'degraded', warnings: 1 },
  { days: 0, state: 'degraded', warnings: 1 },
  { days: -3, state: 'degraded', warnings: 1 },
])('$days days ahead it is $state', async ({ days, state, warnings }) => {
  const world = begin(days);
  await world.clock.advance(1);
  expect(world.state()?.state).toBe(state);
  expect(world.lines.filter((line) => line.includes('certificate.expires'))).toHaveLength(warnings);
});

test('it is looked at each day', async () => {
  const { clock, state, lines } = begin(32);
  await clock.advance(DAY_MS);
  expect(state()?.state).toBe('ok');
  await clock.advance(2 * DAY_MS);
  expect(state()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('mosip-ida: 2024-04-02') });
  expect(lines.filter((line) => line.includes('certificate.expires'))).toHaveLength(2);
});

test('of several keys for credentials the certificate that lasts longest counts; a bare key has none', () => {
  const [short, long] = [createCertifiedKey({ days: 10 }), createCertifiedKey({ days: 400 })];
  const pem = [short.privateKey, long.privateKey, short.certificate, long.certificate].join('');
  const of = (credentialKey: string) =>
    certificateExpiries(
      mosipSettings('https://mosip.example', { callbackUrl: 'https://us.example/cb', credentialKey }),
    );
  const [expiry, ...others] = of(pem);
  expect(others).toEqual([]);
  expect(Math.round(((expiry?.at ?? 0) - Date.now()) / DAY_MS)).toBe(400);
  expect(of(short.privateKey)).toEqual([]);
});
