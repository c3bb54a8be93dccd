import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EncryptionKey } from '../../../src/config/index.js';
import { toMediatorError } from '../../../src/errors/index.js';
import { createSealer, type Sealer } from '../../../src/pipeline/store/index.js';

const OLD: EncryptionKey = { id: 'old', key: Buffer.alloc(32, 1) };
const NEW: EncryptionKey = { id: 'new', key: Buffer.alloc(32, 2) };
const ROW = '0b3c8f6e-5a53-4f8e-9d2f-2f7b8f0e6a11';
const DATA = { name: 'Canary Zoë', born: '2024-01-28', list: [1, null, { a: true }] };

type Sealed = ReturnType<Sealer['seal']>;

const sealer = createSealer([OLD]);
const sealed = sealer.seal(ROW, DATA);

/** How an attempt to open ends. */
function opening(attempt: () => unknown): { readonly code: string; readonly message: string } | 'opened' {
  try {
    attempt();
    return 'opened';
  } catch (thrown) {
    return toMediatorError(thrown);
  }
}

test('any JSON comes back as it was', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.jsonValue(), (row, data) => {
      expect(JSON.stringify(sealer.open(row, sealer.seal(row, data)))).toBe(JSON.stringify(data));
    }),
  );
});

test('what is sealed shows nothing, and is never the same twice', () => {
  const again = sealer.seal(ROW, DATA);
  expect(Buffer.from(sealed.bytes).includes('Canary')).toBe(false);
  expect(Buffer.from(again.bytes).equals(Buffer.from(sealed.bytes))).toBe(false);
  expect(sealed.keyId).toBe('old');
});

describe('payload_lost', () => {
  const { bytes } = sealed;

  test.each<{ name: string; by: Sealer; row: string; what: Sealed }>([
    { name: 'another row', by: sealer, row: ROW.replace('0', '1'), what: sealed },
    { name: 'another key of the same name', by: createSealer([{ ...NEW, id: 'old' }]), row: ROW, what: sealed },
    { name: 'a key that is gone', by: createSealer([NEW]), row: ROW, what: sealed },
    { name: 'the name of another key', by: createSealer([OLD, NEW]), row: ROW, what: { bytes, keyId: 'new' } },
    { name: 'nothing', by: sealer, row: ROW, what: { ...sealed, bytes: new Uint8Array() } },
    { name: 'a byte more', by: sealer, row: ROW, what: { ...sealed, bytes: Buffer.concat([bytes, Buffer.alloc(1)]) } },
  ])('$name', ({ by, row, what }) => {
    const end = opening(() => by.open(row, what));
    expect(end).toMatchObject({ code: 'payload_lost' });
    expect(JSON.stringify(end)).not.toContain('Canary');
  });

  test('a key that is gone is named, so that an operator can bring it back', () => {
    expect(opening(() => createSealer([NEW]).open(ROW, sealed))).toMatchObject({
      message: 'DATA_ENCRYPTION_KEY holds no key named old.',
    });
  });

  test('any byte changed', () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = bytes.map((byte, index) => (index === at ? byte ^ mask : byte));
        expect(opening(() => sealer.open(ROW, { ...sealed, bytes: changed }))).toMatchObject({ code: 'payload_lost' });
      }),
    );
  });

  test('cut anywhere', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = { ...sealed, bytes: bytes.subarray(0, length) };
      expect(opening(() => sealer.open(ROW, cut))).toMatchObject({ code: 'payload_lost' });
    }
  });
});

test('a new key beside the old one: the new writes, both read', () => {
  const rotating = createSealer([NEW, OLD]);
  expect(rotating.open(ROW, sealed)).toEqual(DATA);
  const renewed = rotating.seal(ROW, DATA);
  expect(renewed.keyId).toBe('new');
  expect(rotating.open(ROW, renewed)).toEqual(DATA);
  expect(createSealer([NEW]).open(ROW, renewed)).toEqual(DATA);
  expect(opening(() => sealer.open(ROW, renewed))).toMatchObject({ code: 'payload_lost' });
});
