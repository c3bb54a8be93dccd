import { expect, test } from '@jest/globals';
import { type ErrorCode, MediatorError } from '../../../src/errors/index.js';
import { outcomeReply } from '../../../src/fhir-api/index.js';

function issueOf(error: MediatorError): Record<string, unknown> {
  const outcome = JSON.parse(String(outcomeReply(error, 'c-1').body)) as { issue: Record<string, unknown>[] };
  return outcome.issue[0] ?? {};
}

test('an error becomes an R4 OperationOutcome that names our code and the request', () => {
  const reply = outcomeReply(new MediatorError('peer_timeout'), 'c-1');

  expect(reply.status).toBe(504);
  expect(reply.headers).toEqual({ 'content-type': 'application/fhir+json' });
  expect(JSON.parse(String(reply.body))).toEqual({
    resourceType: 'OperationOutcome',
    extension: [{ url: 'urn:national-id-mediator:correlation-id', valueString: 'c-1' }],
    issue: [
      {
        severity: 'error',
        code: 'timeout',
        details: {
          coding: [{ system: 'urn:national-id-mediator:error-code', code: 'peer_timeout' }],
          text: 'The peer did not answer in time.',
        },
        diagnostics: 'The peer did not answer in time.',
      },
    ],
  });
});

test.each<{ code: ErrorCode; issue: string; severity?: string }>([
  { code: 'url_invalid', issue: 'invalid' },
  { code: 'json_invalid', issue: 'structure' },
  { code: 'route_not_found', issue: 'not-found' },
  { code: 'credentials_missing', issue: 'login' },
  { code: 'not_supported', issue: 'not-supported' },
  { code: 'body_too_large', issue: 'too-long' },
  { code: 'peer_unreachable', issue: 'transient' },
  { code: 'peer_unauthorized', issue: 'transient' },
  { code: 'peer_circuit_open', issue: 'throttled' },
  { code: 'peer_response_too_large', issue: 'too-long' },
  { code: 'mapping_failed', issue: 'exception' },
  { code: 'internal_error', issue: 'exception', severity: 'fatal' },
])('$code is the issue type $issue', ({ code, issue, severity = 'error' }) => {
  expect(issueOf(new MediatorError(code))).toMatchObject({ code: issue, severity });
});

test('says when to come back, in whole seconds', () => {
  const reply = outcomeReply(new MediatorError('peer_unavailable', { retryAfterMs: 1500 }), 'c-1');

  expect(reply.headers['retry-after']).toBe('2');
});

test('shows nothing of a cause', () => {
  const error = new MediatorError('internal_error', { cause: new Error('Canary Person') });

  expect(outcomeReply(error, 'c-1').body).not.toContain('Canary');
});
