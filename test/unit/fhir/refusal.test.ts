import { expect, test } from '@jest/globals';
import type { ErrorCode } from '../../../src/errors/index.js';
import { refusalOf } from '../../../src/national-id/fhir/refusal.js';
import type { OutboundResponse } from '../../../src/outbound/index.js';

const NOW = Date.parse('2024-03-01T00:00:00Z');

function response(status: number, body: unknown, headers: Record<string, string> = {}): OutboundResponse {
  return { status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

function outcome(code: string): unknown {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics: 'Canary Person' }] };
}

test.each([
  { status: 400, body: outcome('structure'), code: 'structure' },
  { status: 404, body: outcome('not-found'), code: 'not-found' },
  { status: 422, body: outcome('business-rule'), code: 'business-rule' },
  { status: 422, body: outcome('Canary'), code: 'processing' },
  { status: 422, body: { resourceType: 'OperationOutcome', issue: [] }, code: 'processing' },
  { status: 400, body: '<html>Canary</html>', code: 'processing' },
])('HTTP $status is a refusal with the code $code, and no word of the server', ({ status, body, code }) => {
  const refusal = refusalOf(response(status, body), NOW);

  expect(refusal).toEqual({
    result: 'refused',
    code,
    reason: `The FHIR server refused the data (HTTP ${status}).`,
  });
});

test.each<{ status: number; code: ErrorCode }>([
  { status: 401, code: 'peer_unauthorized' },
  { status: 403, code: 'national_id_misconfigured' },
  { status: 404, code: 'peer_misconfigured' },
  { status: 405, code: 'peer_misconfigured' },
  { status: 408, code: 'peer_unavailable' },
  { status: 409, code: 'peer_error' },
  { status: 415, code: 'national_id_misconfigured' },
  { status: 429, code: 'peer_unavailable' },
  { status: 500, code: 'peer_error' },
  { status: 503, code: 'peer_unavailable' },
])('HTTP $status is the error $code', ({ status, code }) => {
  expect(() => refusalOf(response(status, ''), NOW)).toThrow(expect.objectContaining({ code }));
});

test('the wait that the server asks for is kept', () => {
  const busy = response(429, outcome('throttled'), { 'retry-after': '7' });

  expect(() => refusalOf(busy, NOW)).toThrow(expect.objectContaining({ retryAfterMs: 7000 }));
});
