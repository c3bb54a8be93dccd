import type { Fault, ReceivedRequest } from '../peers/http-peer.js';
import { errorReply } from '../peers/mosip-auth.js';

/** How often a call fails. */
export const FAILING_SHARE = 0.2;

const plain = (status: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  status,
  headers: { 'content-type': 'text/html', ...headers },
  body: '<html><body>An error occurred.</body></html>',
});

/** Every way in which a service fails or goes away (style.md 8). */
const WAYS: readonly Fault[] = [
  plain(500),
  plain(502),
  plain(503, { 'retry-after': '1' }),
  plain(429, { 'retry-after': '1' }),
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'hang-after' },
  { kind: 'cut' },
  { kind: 'garbage' },
  { kind: 'drip', everyMs: 2 },
];

const TOKEN_REFUSED = plain(401);

/** What MOSIP's services do besides: HTTP 200 with errors, and an expired token by code (reference/mosip.md 1.4). */
const MOSIP_WAYS: readonly Fault[] = [
  errorReply('RPR-WIN-002', 'Unknown exception'),
  errorReply('KER-ATH-402', 'Token expired', 401),
  errorReply('KER-ATH-402', 'Token expired'),
];

export type Weather = (request: ReceivedRequest) => Fault | undefined;

function weather(ways: readonly Fault[], random: () => number): Weather {
  return () => (random() < FAILING_SHARE ? ways[Math.floor(random() * ways.length)] : undefined);
}

/** A fifth of the calls to MOSIP fails. */
export const mosipWeather = (random: () => number): Weather => weather([...WAYS, ...MOSIP_WAYS], random);

/** A fifth of the calls to a service of OpenCRVS fails. */
export const opencrvsWeather = (random: () => number): Weather => weather([...WAYS, TOKEN_REFUSED], random);
