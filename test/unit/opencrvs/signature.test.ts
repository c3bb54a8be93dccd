import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MediatorError } from '../../../src/errors/index.js';
import { signWebhook, verifyWebhookSignature } from '../../../src/opencrvs/signature.js';
import { fixture } from '../../support/fixtures.js';

const SECRET = '11111111-2222-4333-8444-555555555555';
const OTHER_SECRET = '66666666-7777-4888-9999-000000000000';
const BODY = bytes('{"timestamp":"2024-02-19T08:41:13.002Z","name":"Zoë (\'x\') *~!"}');

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function codeOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (thrown) {
    return thrown instanceof MediatorError ? thrown.code : `no MediatorError: ${String(thrown)}`;
  }
}

/** The code that the check ends with; undefined when it passes. */
function verified(
  body: Uint8Array,
  header: string | readonly string[] | undefined,
  secrets: readonly string[] = [SECRET],
): string | undefined {
  return codeOf(() => verifyWebhookSignature(body, header, secrets));
}

// Computed beside the real webhooks service of OpenCRVS 1.2.1: see the README of the fixtures.
test.each([
  {
    file: 'birth-registered.webhook.json',
    value: 'sha256=6d4f89b5cc1e105a54a29a8b70f7befcdaefa93b4ad98e445e2b1bc89787ea2e',
  },
  {
    file: 'death-registered.webhook.json',
    value: 'sha256=2df2989e8efa25f990b0d0b50ab472ba31b6ffbb5199218bfe821cff4ae2298d',
  },
])('signs $file as OpenCRVS does', ({ file, value }) => {
  const body = bytes(JSON.stringify(fixture(`opencrvs/${file}`)));
  expect(signWebhook(body, SECRET)).toBe(value);
  expect(verified(body, value)).toBeUndefined();
});

describe('verifyWebhookSignature', () => {
  const right = signWebhook(BODY, SECRET);
  const plain = `sha256=${createHmac('sha256', SECRET).update(BODY).digest('hex')}`;

  test.each([
    { name: 'the only secret', header: right, secrets: [SECRET] },
    { name: 'the new secret during a rotation', header: right, secrets: [SECRET, OTHER_SECRET] },
    { name: 'the old secret during a rotation', header: right, secrets: [OTHER_SECRET, SECRET] },
    { name: 'one header in a list', header: [right], secrets: [SECRET] },
  ])('accepts: $name', ({ header, secrets }) => {
    expect(verified(BODY, header, secrets)).toBeUndefined();
  });

  test.each([
    { name: 'no header', header: undefined, code: 'signature_missing' },
    { name: 'an empty header', header: '', code: 'signature_missing' },
    { name: 'an empty list', header: [], code: 'signature_missing' },
    { name: 'two headers, though each is right', header: [right, right], code: 'signature_invalid' },
    { name: 'a signature by another secret', header: signWebhook(BODY, OTHER_SECRET), code: 'signature_invalid' },
    { name: 'a signature of another body', header: signWebhook(bytes('{}'), SECRET), code: 'signature_invalid' },
    { name: 'a plain HMAC of the body', header: plain, code: 'signature_invalid' },
    { name: 'the hex without its prefix', header: right.slice('sha256='.length), code: 'signature_invalid' },
    { name: 'the prefix alone', header: 'sha256=', code: 'signature_invalid' },
    { name: 'the old algorithm name', header: right.replace('sha256', 'sha1'), code: 'signature_invalid' },
    { name: 'one character too many', header: `${right}0`, code: 'signature_invalid' },
    { name: 'one character too few', header: right.slice(0, -1), code: 'signature_invalid' },
    { name: 'upper case', header: right.toUpperCase(), code: 'signature_invalid' },
    { name: 'the right one twice in one header', header: `${right}, ${right}`, code: 'signature_invalid' },
    { name: 'characters of more than one byte', header: 'ë'.repeat(right.length), code: 'signature_invalid' },
  ])('rejects: $name', ({ header, code }) => {
    expect(verified(BODY, header)).toBe(code);
  });

  test('rejects everything while no secret is set', () => {
    expect(verified(BODY, right, [])).toBe('signature_invalid');
  });

  test('never takes an empty secret for one', () => {
    expect(verified(BODY, signWebhook(BODY, ''), [''])).toBe('signature_invalid');
  });
});

describe('bytes that are no UTF-8', () => {
  test.each([
    { name: 'a lone surrogate', body: Uint8Array.of(0xed, 0xa0, 0x80) },
    { name: 'a cut sequence', body: bytes('ë').slice(0, 1) },
    { name: 'an overlong form', body: Uint8Array.of(0xc0, 0xaf) },
    { name: 'a byte that never occurs', body: Uint8Array.of(0x7b, 0xff, 0x7d) },
  ])('never match: $name', ({ body }) => {
    // What a decoder that repairs would have signed.
    const repaired = bytes(new TextDecoder().decode(body));
    expect(verified(body, signWebhook(repaired, SECRET))).toBe('signature_invalid');
    expect(codeOf(() => signWebhook(body, SECRET))).toBe('signature_invalid');
  });

  test('an escaped lone surrogate is plain ASCII and fine', () => {
    const body = bytes(JSON.stringify({ name: '\ud800' }));
    expect(verified(body, signWebhook(body, SECRET))).toBeUndefined();
  });

  test('a byte order mark counts', () => {
    const body = bytes(`\ufeff${'{}'}`);
    expect(verified(body, signWebhook(body, SECRET))).toBeUndefined();
    expect(verified(body, signWebhook(bytes('{}'), SECRET))).toBe('signature_invalid');
  });
});

const anyText = fc.string({ unit: 'binary' });
const anyBytes = fc.uint8Array({ maxLength: 200 });

test('any text that is signed is accepted', () => {
  fc.assert(
    fc.property(anyText, fc.uuid(), (text, secret) => {
      const body = bytes(text);
      expect(verified(body, signWebhook(body, secret), [secret])).toBeUndefined();
    }),
  );
});

test('the signature is over the prefix and the URI-encoded text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const hex = createHmac('sha256', SECRET)
        .update(`sha256:${encodeURIComponent(text)}`)
        .digest('hex');
      expect(signWebhook(bytes(text), SECRET)).toBe(`sha256=${hex}`);
    }),
  );
});

test('a body changed by one byte is rejected', () => {
  const body = fc.string({ unit: 'binary', minLength: 1 }).map(bytes);
  fc.assert(
    fc.property(body, fc.nat(), fc.integer({ min: 1, max: 255 }), (original, at, change) => {
      const position = at % original.length;
      const changed = original.map((byte, index) => (index === position ? byte ^ change : byte));
      expect(verified(changed, signWebhook(original, SECRET))).toBe('signature_invalid');
    }),
  );
});

test('any bytes with any header end as signature_missing or signature_invalid', () => {
  fc.assert(
    fc.property(anyBytes, fc.oneof(anyText, fc.array(anyText), fc.constant(undefined)), (body, header) => {
      expect(['signature_missing', 'signature_invalid']).toContain(verified(body, header));
    }),
  );
});
