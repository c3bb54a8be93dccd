import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { DocumentSettings } from '../../../src/config/index.js';
import { createRegistrations, type VerifiedToken } from '../../../src/opencrvs/index.js';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { fixture } from '../../support/fixtures.js';
import { waitingRecord } from '../../support/opencrvs-shapes.js';

const SHIPPED = join(import.meta.dirname, '../../../config/mappings');
const folder = mkdtempSync(join(tmpdir(), 'mediator-registrations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Document {
  readonly id: string;
  type: string;
  readonly actions: { id: string; type: string; status: string; declaration: Record<string, unknown> }[];
}

const shipped = createRegistrations({ mappingsDir: SHIPPED });
const EXP = 1_800_000_000;

const token = (about: object): VerifiedToken => ({
  token: 'the-token',
  claims: { sub: 'registrar', scope: [], iat: EXP - 604_800, exp: EXP, ...about },
});

const load = (name: string): Document => structuredClone(fixture<Document>(`opencrvs/event-document-${name}.json`));
const last = ({ actions }: Document) =>
  actions[actions.length - 1] ?? { id: '', type: '', status: '', declaration: {} };
const tokenFor = (document: Document) => token({ eventId: document.id, actionId: last(document).id });

async function eventOf(document: Document, registrations = shipped): Promise<VitalEvent> {
  const { reading } = await registrations.read(document, tokenFor(document));
  if (!reading.ok) throw new Error(reading.reason);
  return reading.event;
}

test('a birth: its fields as the canonical event, its number made of year and tracking id', async () => {
  const event = await eventOf(load('birth'));
  expect(event).toMatchObject({
    kind: 'birth',
    registrationNumber: '2025K7Q2ZD',
    trackingId: 'K7Q2ZD',
    recordId: '4f8a1c0e-6d2b-4b7e-9a53-2c1f0e9d8b71',
    registeredAt: '2025-12-02T09:14:07.551Z',
    subject: {
      names: [{ given: ['Nomvula', 'Ada'], family: 'Dube-Okafor' }],
      gender: 'female',
      birthDate: { value: '2025-11-22', approximate: false },
      identifiers: [],
    },
    mother: {
      names: [{ given: ['Zanele', 'Ruth'], family: 'Dube' }],
      identifiers: [{ type: 'NATIONAL_ID', value: '6041993302' }],
      nationalities: ['FAR'],
      addresses: [
        {
          type: 'PRIMARY_ADDRESS',
          lines: ['14', 'Mungwi Road', 'Kabwata', '', ''],
          city: 'Isamba',
          district: '62a0ccb4-880d-4f30-8882-f256007dfff9',
          postalCode: '10101',
          country: 'FAR',
        },
      ],
    },
    informant: { relationship: 'MOTHER', phone: '0971230456', email: 'zanele.dube@example.org' },
    place: { type: 'HEALTH_FACILITY' },
  });
  expect(event.father).toEqual({
    names: [{ given: ['Emeka'], family: 'Okafor' }],
    ageInYears: 33,
    identifiers: [{ type: 'PASSPORT', value: 'A07761234' }],
    nationalities: ['NGA'],
    addresses: event.mother?.addresses,
  });
});

test('a death: the deceased, the date, and only those who are there', async () => {
  const event = await eventOf(load('death'));
  expect(event).toMatchObject({
    kind: 'death',
    registrationNumber: '2026D9XW4M',
    subject: {
      names: [{ given: ['Tobias'], family: 'Mwangi' }],
      identifiers: [{ type: 'NATIONAL_ID', value: '2207714430' }],
    },
    dateOfDeath: { value: '2026-02-01', approximate: false },
    informant: { relationship: 'DAUGHTER', person: { names: [{ given: ['Lena'], family: 'Mwangi' }] } },
  });
  expect([event.spouse, event.mother, event.father]).toEqual([undefined, undefined, undefined]);
});

test.each([
  { type: 'APPROVE_CORRECTION', kind: 'correction', middle: 'Adaeze' },
  { type: 'REVOKE_REGISTRATION', kind: 'cancellation', middle: 'Ada' },
  { type: 'REINSTATE_REGISTRATION', kind: 'reinstatement', middle: 'Ada' },
])('$type is a $kind of the registration, under the number it has', async ({ type, kind, middle }) => {
  const document = load('correction');
  last(document).type = type;
  const actionId = last(document).id;
  const event = await eventOf(document);
  expect(event).toMatchObject({
    kind,
    of: 'birth',
    revision: actionId,
    registrationNumber: '2025K7Q2ZD',
    subject: {
      names: [{ given: ['Nomvula', middle] }],
      identifiers: [{ type: 'NATIONAL_ID', value: '9988776655443322' }],
    },
  });
});

test('where the answer goes: the action, its correction, the token and its end', async () => {
  const document = load('correction');
  const { reply } = await shipped.read(document, tokenFor(document));
  expect(reply).toEqual({
    to: {
      via: 'events',
      eventId: document.id,
      actionId: last(document).id,
      action: 'APPROVE_CORRECTION',
      requestId: '7c9e6679-7425-40de-944b-e07fc1f90011',
      token: 'the-token',
    },
    revision: last(document).id,
    before: EXP * 1000,
  });
});

test('a number that the country configuration has set aside is taken', async () => {
  const document = load('birth');
  Object.assign(last(document), { registrationNumber: 'B/2025/000117' });
  expect((await eventOf(document)).registrationNumber).toBe('B/2025/000117');
});

test('the number is the same when the registrar tries again in another year', async () => {
  const document = load('birth');
  Object.assign(last(document), { id: 'again', createdAt: '2026-01-04T08:00:00.000Z' });
  expect((await eventOf(document)).registrationNumber).toBe('2025K7Q2ZD');
});

describe('refused at the door', () => {
  const birth = load('birth');
  const wedding = Object.assign(load('birth'), { type: 'marriage' });
  const answered = load('birth');
  last(answered).status = 'Accepted';
  const other = load('birth');
  last(other).type = 'VALIDATE';
  test.each<{ name: string; body: Document; given: VerifiedToken; code: string }>([
    {
      name: 'a token for another event',
      body: birth,
      given: token({ eventId: 'x', actionId: last(birth).id }),
      code: 'credentials_invalid',
    },
    {
      name: 'a token for another action',
      body: birth,
      given: token({ eventId: birth.id, actionId: 'x' }),
      code: 'credentials_invalid',
    },
    { name: 'a token for no action', body: birth, given: token({}), code: 'credentials_invalid' },
    { name: 'a token for a record', body: birth, given: token({ recordId: birth.id }), code: 'credentials_invalid' },
    { name: 'an action that is not taken', body: other, given: tokenFor(other), code: 'payload_invalid' },
    { name: 'an action that does not wait', body: answered, given: tokenFor(answered), code: 'payload_invalid' },
    { name: 'another type of event', body: wedding, given: tokenFor(wedding), code: 'payload_invalid' },
  ])('$name', async ({ body, given, code }) => {
    await expect(shipped.read(body, given)).rejects.toMatchObject({ code });
  });
});

describe('files of the form', () => {
  const proof = { filename: '/ocrvs/1.jpg', originalFilename: 'Canary.jpg', type: 'image/jpeg' };
  const declaration = {
    'documents.proofOfBirth': proof,
    'documents.proofOfMother': [{ ...proof, filename: '2.png', type: 'image/png', option: 'PASSPORT' }],
    'documents.proofOfFather': { filename: 5 },
  };

  const documentsBy = async (documents?: DocumentSettings) => {
    const document = load('birth');
    Object.assign(last(document).declaration, declaration);
    const registrations = createRegistrations({ mappingsDir: SHIPPED, ...(documents && { documents }) });
    return (await eventOf(document, registrations)).documents;
  };

  test('are not part of the event as shipped', async () => {
    expect(await documentsBy()).toBeUndefined();
  });

  test('are references to what OpenCRVS stores, without the name that somebody gave them', async () => {
    expect(await documentsBy({ pass: 'reference', maxBytes: 1024 })).toEqual([
      { kind: 'proofOfBirth', format: 'image/jpeg', reference: '/ocrvs/1.jpg' },
      { kind: 'PASSPORT', format: 'image/png', reference: '2.png' },
    ]);
  });
});

describe('kept with its reason', () => {
  test('a date that is none', async () => {
    const document = load('birth');
    last(document).declaration = { 'child.dob': 'Canary' };
    const { reading, reply } = await shipped.read(document, tokenFor(document));
    expect(reading).toEqual({
      ok: false,
      code: 'event_unreadable',
      reason: 'opencrvs/event-document.jsonata gives no whole event; wrong or missing: subject.birthDate.value.',
      kind: 'birth',
      trackingId: 'K7Q2ZD',
      registrationNumber: '2025K7Q2ZD',
    });
    expect(reply.revision).toBe(last(document).id);
  });

  test.each([
    { name: 'a mapping that fails', file: 'event-document', text: '$error("Canary")', code: 'mapping_failed' },
    {
      name: 'a mapping that tells no kind',
      file: 'event-document',
      text: '{ "subject": {} }',
      code: 'event_unreadable',
    },
    {
      name: 'a mapping that makes no number',
      file: 'registration-number',
      text: '""',
      code: 'registration_number_missing',
    },
  ])('$name', async ({ file, text, code }) => {
    const mappingsDir = mkdtempSync(join(folder, 'm-'));
    cpSync(join(SHIPPED, 'opencrvs'), join(mappingsDir, 'opencrvs'), { recursive: true });
    writeFileSync(join(mappingsDir, 'opencrvs', `${file}.jsonata`), text);
    const document = load('birth');
    const { reading } = await createRegistrations({ mappingsDir }).read(document, tokenFor(document));
    expect(reading).toMatchObject({ ok: false, code, reason: expect.not.stringContaining('Canary') });
  });
});

describe('a FHIR record that waits', () => {
  const RECORD = '8c8fca98-e7fc-4a10-8d62-9aa1eaae9b0d';

  test('gets its number from the year in which it was begun, and waits at the gateway', async () => {
    const { reading, reply } = await shipped.read(waitingRecord('birth'), token({ recordId: RECORD }));
    expect(reading).toMatchObject({
      ok: true,
      event: { kind: 'birth', registrationNumber: '2024BQX7T4N', trackingId: 'BQX7T4N', recordId: RECORD },
    });
    expect(reply).toEqual({
      to: { via: 'graphql', recordId: RECORD, token: 'the-token' },
      revision: `${RECORD}:${EXP - 604_800}`,
      before: EXP * 1000,
    });
  });

  test.each([
    { name: 'another record', about: { recordId: 'other' } },
    { name: 'an action', about: { eventId: RECORD, actionId: 'a' } },
  ])('a token for $name is refused', async ({ about }) => {
    await expect(shipped.read(waitingRecord('birth'), token(about))).rejects.toMatchObject({
      code: 'credentials_invalid',
    });
  });

  test('one that cannot be read is kept with its reason', async () => {
    const { reading, reply } = await shipped.read({ resourceType: 'Bundle', entry: [] }, token({ recordId: RECORD }));
    expect(reading).toMatchObject({ ok: false, reason: 'The bundle has no Task.' });
    expect(reply.to).toMatchObject({ via: 'graphql' });
  });
});
