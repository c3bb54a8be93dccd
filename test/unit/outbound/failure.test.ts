import { expect, test } from '@jest/globals';
import { AxiosError } from 'axios';
import { errorForFailure } from '../../../src/outbound/index.js';

const axiosError = (code: string, message = 'Canary'): AxiosError => new AxiosError(message, code);

test.each([
  {
    name: 'a refused connection',
    thrown: axiosError('ECONNREFUSED'),
    code: 'peer_unreachable',
    reason: 'ECONNREFUSED',
  },
  { name: 'an unknown host', thrown: axiosError('ENOTFOUND'), code: 'peer_unreachable', reason: 'ENOTFOUND' },
  { name: 'a cut connection', thrown: axiosError('ECONNRESET'), code: 'peer_unreachable', reason: 'ECONNRESET' },
  { name: 'no TLS on the other side', thrown: axiosError('EPROTO'), code: 'peer_unreachable', reason: 'EPROTO' },
  { name: 'something else than HTTP', thrown: axiosError('HPE_INVALID_CONSTANT'), code: 'peer_unreachable' },
  { name: 'a code that may hold anything', thrown: axiosError('Canary'), code: 'peer_unreachable' },
  { name: 'no code', thrown: new AxiosError('Canary'), code: 'peer_unreachable' },
  { name: 'no error of axios', thrown: new TypeError('Canary'), code: 'peer_unreachable' },
  { name: 'nothing at all', thrown: undefined, code: 'peer_unreachable' },
  ...[
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ].map((code) => ({ name: code, thrown: axiosError(code), code: 'peer_certificate_invalid' })),
  ...[
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
    'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED',
  ].map((code) => ({ name: code, thrown: axiosError(code), code: 'peer_unauthorized' })),
  { name: 'another alert', thrown: axiosError('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), code: 'peer_unreachable' },
])('$name: $code, unanswered and without foreign words', ({ thrown, code, ...expected }) => {
  const error = errorForFailure(thrown, false);
  expect(error).toMatchObject({ code, unanswered: true });
  expect(error.disposition).toBe('retry');
  expect(error.cause).toBeUndefined();
  expect(error.message).not.toContain('Canary');
  if ('reason' in expected) expect(error.message).toContain(`(${expected.reason})`);
});

test.each([
  { code: 'ECONNREFUSED', unsent: true },
  { code: 'ENOTFOUND', unsent: true },
  { code: 'CERT_HAS_EXPIRED', unsent: true },
  { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', unsent: true },
  { code: 'ECONNRESET', unsent: false },
  { code: 'ETIMEDOUT', unsent: false },
  { code: 'EPIPE', unsent: false },
])('only what ended before there was a connection was certainly not sent: $code', ({ code, unsent }) => {
  expect(errorForFailure(axiosError(code), false).unsent).toBe(unsent);
});

test('a passed deadline explains every failure', () => {
  expect(errorForFailure(axiosError('ECONNRESET'), true)).toMatchObject({ code: 'peer_timeout', unanswered: true });
});

test('an answer that is too large was an answer, and a person must act', () => {
  const thrown = axiosError('ERR_BAD_RESPONSE', 'maxContentLength size of 10 exceeded');
  const error = errorForFailure(thrown, false);
  expect(error).toMatchObject({ code: 'peer_response_too_large', unanswered: false });
  expect(error.disposition).toBe('operator');
});
