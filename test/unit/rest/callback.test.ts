import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { type CallbackSettings, createCallback } from '../../../src/national-id/rest/callback.js';

const SETTINGS: CallbackSettings = {
  signature: { header: 'x-signature', secret: 'a secret', algorithm: 'sha256', encoding: 'hex', prefix: 'sha256=' },
  outwardKey: 'body.reference',
  identity: '{ "nationalId": body.number }',
};
const BODY = Buffer.from('{"reference":"K1","number":"N1"}');
const sign = (secret = 'a secret', body = BODY, encoding: 'hex' | 'base64' = 'hex', algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(body).digest(encoding);
const door = createCallback(SETTINGS);

test('reads which submission it answers, and the number', async () => {
  expect(await door.read(BODY)).toEqual({ outwardKey: 'K1', identity: { nationalId: 'N1' } });
});

test('there is no subscription to confirm', () => {
  expect(() => door.confirmIntent({})).toThrow(expect.objectContaining({ code: 'subscription_unknown' }));
});

describe('authenticate', () => {
  test.each([
    { name: 'hexadecimal', change: {}, header: `sha256=${sign()}` },
    {
      name: 'base64, SHA-512, no prefix',
      change: { algorithm: 'sha512', encoding: 'base64', prefix: '' },
      header: sign('a secret', BODY, 'base64', 'sha512'),
    },
  ] as const)('takes a signature: $name', ({ change, header }) => {
    const { authenticate } = createCallback({ ...SETTINGS, signature: { ...SETTINGS.signature, ...change } });
    expect(authenticate({ 'x-signature': header }, BODY).deliveryId).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    { name: 'none', header: undefined, code: 'signature_missing' },
    { name: 'an empty one', header: '', code: 'signature_missing' },
    { name: 'another secret', header: `sha256=${sign('another')}`, code: 'signature_invalid' },
    { name: 'another body', header: `sha256=${sign('a secret', Buffer.from('{}'))}`, code: 'signature_invalid' },
    { name: 'no prefix', header: sign(), code: 'signature_invalid' },
    { name: 'a short one', header: `sha256=${sign().slice(2)}`, code: 'signature_invalid' },
    { name: 'a long one', header: `sha256=${sign()}00`, code: 'signature_invalid' },
    { name: 'no hexadecimal', header: 'sha256=zz', code: 'signature_invalid' },
    { name: 'two of them', header: [`sha256=${sign()}`, `sha256=${sign()}`], code: 'signature_invalid' },
  ])('refuses $name', ({ header, code }) => {
    expect(() => door.authenticate({ 'x-signature': header }, BODY)).toThrow(expect.objectContaining({ code }));
  });

  test('refuses signed bytes that are no JSON', () => {
    const body = Buffer.from('Canary');
    const headers = { 'x-signature': `sha256=${sign('a secret', body)}` };
    expect(() => door.authenticate(headers, body)).toThrow(expect.objectContaining({ code: 'json_invalid' }));
  });

  test('knows a delivery by its header, which must be there', () => {
    const named = createCallback({ ...SETTINGS, deliveryHeader: 'x-delivery' });
    const signed = { 'x-signature': `sha256=${sign()}` };
    expect(named.authenticate({ ...signed, 'x-delivery': 'D1' }, BODY)).toEqual({ deliveryId: 'D1' });
    expect(() => named.authenticate(signed, BODY)).toThrow(expect.objectContaining({ code: 'payload_invalid' }));
  });

  test('without a header, the same bytes are the same delivery', () => {
    const signed = { 'x-signature': `sha256=${sign()}` };
    expect(door.authenticate(signed, BODY)).toEqual(door.authenticate(signed, Buffer.from(BODY)));
  });
});

test.each([
  { name: 'no JSON', body: 'Canary' },
  { name: 'no key', body: '{"number":"Canary"}' },
  { name: 'a number of another kind', body: '{"reference":"K1","number":{"is":"Canary"}}' },
])('a callback that cannot be read tells nothing: $name', async ({ body }) => {
  const thrown: unknown = await door.read(Buffer.from(body)).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code: 'credential_unreadable' });
  expect(inspect(thrown)).not.toContain('Canary');
});
