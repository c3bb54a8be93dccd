import { describe, expect, test } from '@jest/globals';
import {
  eventKey,
  type Identifier,
  type Incoming,
  identityIdentifiers,
  type Person,
  personIdentifiers,
  type VitalEvent,
} from '../../../src/vital-events/index.js';

function person(identifiers: Identifier[] = []): Person {
  return { names: [{ given: ['Canary'] }], identifiers, nationalities: [], addresses: [] };
}

function event(kind: VitalEvent['kind'], registrationNumber: string, more: Partial<VitalEvent> = {}): VitalEvent {
  return { subject: person(), ...more, kind, registrationNumber } as VitalEvent;
}

function read(content: VitalEvent, raw = '{}', transactionId?: string): Incoming {
  return { reading: { ok: true, event: content }, raw, transactionId };
}

function unread(raw: string, reason = 'no reader'): Incoming {
  return { reading: { ok: false, code: 'event_unreadable', reason }, raw, transactionId: undefined };
}

describe('eventKey', () => {
  const birth = read(event('birth', '2024B1'));

  test.each([
    { name: 'the same again', other: birth },
    { name: 'with other bytes, e.g. resources in another order', other: read(event('birth', '2024B1'), '{ }') },
    { name: 'through another transaction', other: read(event('birth', '2024B1'), '{}', '65d3c1f1a2b3c4d5e6f70809') },
    { name: 'with another tracking id', other: read(event('birth', '2024B1', { trackingId: 'BXXXXXX' })) },
    { name: 'about a person read otherwise', other: read(event('birth', '2024B1', { subject: person([]) })) },
  ])('is one for a repeat: $name', ({ other }) => {
    expect(eventKey(other)).toBe(eventKey(birth));
  });

  test('differs by kind and by registration number', () => {
    const keys = [birth, read(event('death', '2024B1')), read(event('birth', '2024B2')), unread('{}')].map(eventKey);
    expect(new Set(keys).size).toBe(4);
  });

  test('of an event about a registration is its own for each revision', () => {
    const correction = (revision: string) =>
      eventKey(read(event('correction', '2024B1', { of: 'birth', revision } as Partial<VitalEvent>)));
    expect(correction('action-1')).toBe('correction:birth:2024B1:action-1');
    expect(correction('action-2')).not.toBe(correction('action-1'));
  });

  test('of what could not be read is by its bytes, whatever was the reason', () => {
    expect(eventKey(unread('{"a":1}', 'one'))).toBe(eventKey(unread('{"a":1}', 'another')));
    expect(eventKey(unread('{"a":1}'))).not.toBe(eventKey(unread('{"a":2}')));
  });

  test('holds nothing of the person', () => {
    expect(eventKey(birth)).toBe('birth:2024B1');
    expect(eventKey(unread('{"name":"Canary"}'))).toMatch(/^unreadable:[0-9a-f]{64}$/);
  });
});

describe('personIdentifiers', () => {
  const of = (identifiers: Identifier[], more: Partial<VitalEvent> = {}) =>
    personIdentifiers(event('death', '2024D1', { ...more, subject: person(identifiers) }));
  const own = { kind: 'death-registration', value: '2024D1' };

  test.each([
    { type: 'NATIONAL_ID', kind: 'identity' },
    { type: 'MOSIP_UINTOKEN', kind: 'identity' },
    { type: 'MOSIP_PSUT_TOKEN_ID', kind: 'identity' },
    { type: 'BIRTH_REGISTRATION_NUMBER', kind: 'birth-registration' },
    { type: 'DEATH_REGISTRATION_NUMBER', kind: 'death-registration' },
  ])('$type tells the person, as $kind', ({ type, kind }) => {
    expect(of([{ type, value: '42' }])).toEqual([own, { kind, value: '42' }]);
  });

  test.each(['PASSPORT', 'DRIVING_LICENSE', 'SOCIAL_SECURITY_NO', 'MOSIP_AID', 'OTHER', 'national_id'])(
    '%s does not',
    (type) => {
      expect(of([{ type, value: '42' }])).toEqual([own]);
    },
  );

  test('numbers of registrations come before those of identities: the first that is known decides', () => {
    const identity = { type: 'NATIONAL_ID', value: '42' };
    const registration = { type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B1' };
    const kinds = of([identity, registration]).map(({ kind }) => kind);
    expect(kinds).toEqual(['death-registration', 'birth-registration', 'identity']);
  });

  test('a death finds the birth by its registration number', () => {
    const birth = personIdentifiers(event('birth', '2024B1'));
    expect(of([{ type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B1' }])).toEqual(expect.arrayContaining([...birth]));
  });

  test('a birth and a death with the same number are two persons: each register counts for itself', () => {
    expect(of([])).not.toEqual(personIdentifiers(event('birth', '2024D1')));
  });

  test('a correction is about the person of its registration', () => {
    const correction = event('correction', '2024B1', { of: 'birth', revision: 'action-1' } as Partial<VitalEvent>);
    expect(personIdentifiers(correction)).toEqual(personIdentifiers(event('birth', '2024B1')));
  });

  test('the numbers of parents, spouse and informant do not tell the person', () => {
    const other = person([{ type: 'NATIONAL_ID', value: '42' }]);
    expect(of([], { mother: other, father: other, spouse: other, informant: { person: other } })).toEqual([own]);
  });
});

test.each([
  { name: 'no number', identity: {}, values: [] },
  { name: 'one', identity: { virtualId: '2' }, values: ['2'] },
  { name: 'all', identity: { nationalId: '1', virtualId: '2', token: '3' }, values: ['1', '2', '3'] },
])('identityIdentifiers of an identity with $name', ({ identity, values }) => {
  expect(identityIdentifiers(identity)).toEqual(values.map((value) => ({ kind: 'identity', value })));
});
