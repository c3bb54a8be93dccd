import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { json } from '../../peers/http-peer.js';
import { BIRTH, CHILD, type OsiaStage, setStage } from './set-up.js';

let stage: OsiaStage;
beforeEach(async () => {
  stage = await setStage();
  await stage.system.issue(stage.submission(BIRTH));
});
afterEach(() => stage.close());

const nationalId = '6271936581';
const { signal } = new AbortController();
const name = { given: ['Thandiwe', 'Zoë'], family: 'Canary' };

test('a claim is compared by the system, which gives nothing away', async () => {
  const claim = { nationalId, name, birthDate: '2024-01-28', gender: 'female' } as const;
  expect(await stage.system.verify(claim, signal)).toEqual({ result: 'match' });

  const [asked] = stage.peer.requestsTo('/match');
  expect(JSON.parse(String(asked?.body))).toEqual({
    firstName: 'Thandiwe Zoë',
    lastName: 'Canary',
    dateOfBirth: '2024-01-28',
    gender: 'F',
  });
});

test.each([
  { what: 'a part of the name', claim: { name: { ...name, family: 'X' } }, attributes: ['name'] },
  {
    what: 'all',
    claim: { name: { given: ['X'] }, birthDate: '2000-01-01', gender: 'male' },
    attributes: ['name', 'birth-date', 'gender'],
  },
] as const)('what differs is told by its part: $what', async ({ claim, attributes }) => {
  expect(await stage.system.verify({ nationalId, ...claim }, signal)).toEqual({ result: 'mismatch', attributes });
});

test('what the registry does not hold is not borne out', async () => {
  stage.peer.population.add('42', { firstName: 'Thandiwe Zoë', lastName: 'Canary' });
  const claim = { nationalId: '42', name, birthDate: '2024-01-28' };
  expect(await stage.system.verify(claim, signal)).toEqual({ result: 'mismatch', attributes: ['birth-date'] });
});

test('a part of a claim that the mapping cannot say is not passed over', async () => {
  await expect(stage.system.verify({ nationalId, name: { given: [] } }, signal)).rejects.toMatchObject({
    code: 'mapping_failed',
    message: expect.stringContaining('name'),
  });
});

test('a mismatch of something that was not asked is still none of a match', async () => {
  stage.peer.fail('/match', json([{ attributeName: 'other', errorCode: 1 }]));
  expect(await stage.system.verify({ nationalId, name }, signal)).toEqual({ result: 'mismatch', attributes: [] });
});

test.each(['..', '.', '', 'a/b', 'a?b', '6271936581/../42', '%2e%2e'])(
  '"%s" is nobody, and is not asked for',
  async (number) => {
    const before = stage.peer.received.length;
    const nobody = { result: 'not-found' };
    expect(await stage.system.verify({ nationalId: number, name }, signal)).toEqual(nobody);
    expect(await stage.system.checkAge({ nationalId: number, years: 1, on: '2030-01-01' }, signal)).toEqual(nobody);
    expect(await stage.system.lookup({ nationalId: number }, signal)).toEqual(nobody);
    expect(stage.peer.received).toHaveLength(before);
  },
);

test.each([
  { born: '2006-11-25', on: '2024-11-25', answer: 'yes' },
  { born: '2006-11-26', on: '2024-11-25', answer: 'no' },
  { born: '2004-02-29', on: '2022-02-28', answer: 'no' },
  { born: '2004-02-29', on: '2022-03-01', answer: 'yes' },
  { born: '2006-02-28', on: '2024-02-29', answer: 'yes' },
  { born: '2006-03-01', on: '2024-02-29', answer: 'no' },
])('somebody born on $born is 18 on $on: $answer', async ({ born, on, answer }) => {
  stage.peer.population.add('42', { dateOfBirth: born });
  expect(await stage.system.checkAge({ nationalId: '42', years: 18, on }, signal)).toEqual({ result: answer });
});

test.each(['DEAD', 'ALIVE'] as const)(
  'somebody whose record has ended (%s) is neither yes nor no',
  async (physicalStatus) => {
    stage.peer.population.add('42', { dateOfBirth: '2000-01-01' }).state = { status: 'INACTIVE', physicalStatus };
    const inactive = { result: 'inactive' };
    expect(await stage.system.verify({ nationalId: '42', birthDate: '2000-01-01' }, signal)).toEqual(inactive);
    expect(await stage.system.checkAge({ nationalId: '42', years: 1, on: '2024-01-01' }, signal)).toEqual(inactive);
  },
);

test.each([{ key: { nationalId } }, { key: { registrationNumber: '2024B1' } }])(
  'a person is found by $key',
  async ({ key }) => {
    expect(await stage.system.lookup(key, signal)).toEqual({
      result: 'found',
      found: {
        identity: { nationalId },
        person: {
          names: [{ given: ['Thandiwe', 'Zoë'], family: 'Canary' }],
          gender: 'female',
          birthDate: { value: '2024-01-28', approximate: false },
          identifiers: [
            { type: 'NATIONAL_ID', value: nationalId },
            { type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B1' },
          ],
          nationalities: [],
          addresses: [],
        },
        isActive: true,
        deceased: undefined,
      },
    });
  },
);

test('a registration that nobody has is not found; one that several have is no answer', async () => {
  expect(await stage.system.lookup({ registrationNumber: '1' }, signal)).toEqual({ result: 'not-found' });
  stage.peer.population.add('42', { birthRegistrationNumber: '2024B1' });
  await expect(stage.system.lookup({ registrationNumber: '2024B1' }, signal)).rejects.toMatchObject({
    code: 'peer_response_invalid',
  });
});

test('an error in place of attributes is no person without any', async () => {
  stage.peer.fail(({ query }) => query.has('attributeNames'), json({ code: 9, message: 'x' }), 1);
  await expect(stage.system.lookup({ nationalId }, signal)).rejects.toMatchObject({ code: 'peer_error' });
});

test('likely persons share a number, or name and day of birth', async () => {
  stage.peer.population.add('42', {
    firstName: 'Thandiwe Zoë',
    lastName: 'Canary',
    dateOfBirth: '2024-01-28',
    gender: 'M',
  });
  stage.peer.population.add('43', { firstName: 'Thandiwe', lastName: 'Canary', dateOfBirth: '2024-01-28' });
  const person = { ...CHILD, identifiers: [{ type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B1' }] };

  const found = await stage.system.match(person, { atMost: 5, onlyCertain: false }, signal);
  expect(found).toMatchObject({
    candidates: [
      { identity: { nationalId }, grade: 'certain', score: 1 },
      { identity: { nationalId: '42' }, grade: expect.stringMatching(/probable|possible/) },
    ],
  });
  expect(await stage.system.match(person, { atMost: 5, onlyCertain: true }, signal)).toMatchObject({
    candidates: [{ identity: { nationalId } }],
  });
});

test('a day of birth known in part is not looked for', async () => {
  const person = { ...CHILD, birthDate: { value: '2024', approximate: true } };
  expect(await stage.system.match(person, { atMost: 5, onlyCertain: false }, signal)).toEqual({
    result: 'candidates',
    candidates: [],
  });
});
