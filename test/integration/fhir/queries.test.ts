import { afterEach, describe, expect, test } from '@jest/globals';
import type { MatchOptions } from '../../../src/national-id/index.js';
import type { Person } from '../../../src/vital-events/index.js';
import { BRN, CHILD, type FhirStage, NID, setStage } from './set-up.js';

const { signal } = new AbortController();
let stage: FhirStage;

afterEach(() => stage.close());

const PATIENT = {
  active: true,
  identifier: [
    { system: NID, value: '4271936581' },
    { system: NID, use: 'old' as const, value: '4271936580' },
    { system: BRN, value: '2024B|1' },
  ],
  name: [
    { use: 'old' as const, family: 'Former' },
    { family: 'Canary', given: ['Thandiwe', 'Zoe'] },
  ],
  gender: 'female' as const,
  birthDate: '2024-01-28',
};

async function begin(options: Parameters<typeof setStage>[0] = {}): Promise<void> {
  stage = await setStage(options);
}

test('a person is found by either number, as the system knows them', async () => {
  await begin();
  stage.peer.add({ ...PATIENT, deceasedDateTime: '2024-02-01T10:00:00Z', active: false });
  const found = {
    identity: { nationalId: '4271936581' },
    person: {
      names: [{ given: ['Thandiwe', 'Zoe'], family: 'Canary' }],
      gender: 'female',
      birthDate: { value: '2024-01-28', approximate: false },
      identifiers: [
        { type: 'NATIONAL_ID', value: '4271936581' },
        { type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B|1' },
      ],
    },
    isActive: false,
    deceased: '2024-02-01',
  };
  for (const key of [{ nationalId: '4271936581' }, { registrationNumber: '2024B|1' }]) {
    expect(await stage.system.lookup(key, signal)).toMatchObject({ result: 'found', found });
  }
});

test('a number that was taken from somebody is nobody’s', async () => {
  await begin();
  stage.peer.add(PATIENT);
  expect(await stage.system.lookup({ nationalId: '4271936580' }, signal)).toEqual({ result: 'not-found' });
  const claim = { nationalId: '4271936580', birthDate: '2024-01-28' };
  expect(await stage.system.verify(claim, signal)).toEqual({ result: 'not-found' });
});

test.each([
  { name: 'several persons with one number', patients: [PATIENT, PATIENT], code: 'peer_response_invalid' },
  { name: 'a Patient that is not R4', patients: [{ ...PATIENT, birthDate: 'once' }], code: 'peer_response_invalid' },
])('neither yes nor no: $name', async ({ patients, code }) => {
  await begin();
  for (const patient of patients) stage.peer.add(patient);
  const claim = { nationalId: '4271936581', birthDate: '2024-01-28' };
  await expect(stage.system.verify(claim, signal)).rejects.toMatchObject({ code, disposition: 'retry' });
});

test('an age cannot be told without a date of birth', async () => {
  await begin();
  const { birthDate: _unknown, ...patient } = PATIENT;
  stage.peer.add(patient);
  const question = { nationalId: '4271936581', years: 18, on: '2024-01-01' };
  await expect(stage.system.checkAge(question, signal)).rejects.toMatchObject({ disposition: 'retry' });
});

test.each([
  { status: 401, code: 'peer_unauthorized' },
  { status: 403, code: 'national_id_misconfigured' },
  { status: 404, code: 'peer_misconfigured' },
  { status: 503, code: 'peer_unavailable' },
])('HTTP $status is no answer', async ({ status, code }) => {
  await begin();
  stage.peer.fail('/Patient/_search', { status }, 1);
  await expect(stage.system.lookup({ nationalId: '1' }, signal)).rejects.toMatchObject({ code });
});

describe.each([
  { name: 'by the server', hasMatch: true },
  { name: 'here', hasMatch: false },
])('persons are matched $name:', ({ hasMatch }) => {
  const twin = {
    ...PATIENT,
    identifier: [{ system: NID, value: '4271936582' }],
    name: [{ family: 'Canary', given: ['Thandiwe', 'Ama'] }],
  };
  const numbered: Person = { ...CHILD, identifiers: [{ type: 'NATIONAL_ID', value: '4271936581' }] };
  const likely = async (person: Person, options: Partial<MatchOptions> = {}) => {
    await begin({ peer: { hasMatch } });
    stage.peer.add(PATIENT);
    stage.peer.add(twin);
    const answer = await stage.system.match(person, { atMost: 5, onlyCertain: false, ...options }, signal);
    if (answer.result !== 'candidates') throw new Error('matching is supported');
    return answer.candidates;
  };

  test('who shares the number is certain and first, who shares name and day is likely', async () => {
    const [first, second, ...others] = await likely(numbered);
    expect(first).toMatchObject({ identity: { nationalId: '4271936581' }, grade: 'certain', score: 1 });
    expect(second).toMatchObject({ identity: { nationalId: '4271936582' } });
    expect(['probable', 'possible']).toContain(second?.grade);
    expect(others).toEqual([]);
  });

  test('only the certain', async () => {
    expect(await likely(numbered, { onlyCertain: true })).toMatchObject([{ identity: { nationalId: '4271936581' } }]);
  });

  test('not more than asked for', async () => {
    expect(await likely(CHILD, { atMost: 1 })).toHaveLength(1);
  });

  test('no address holds what is looked for', async () => {
    await likely(numbered);
    for (const { path, rawQuery } of stage.peer.received) {
      expect(path).toMatch(/\/Patient\/(\$match|_search)$/);
      expect(rawQuery).toBe('');
    }
  });
});

test('a server that fails to match is not asked otherwise', async () => {
  await begin({ peer: { hasMatch: true } });
  stage.peer.fail('/$match', { status: 503 }, 1);
  const asked = stage.system.match(CHILD, { atMost: 1, onlyCertain: false }, signal);
  await expect(asked).rejects.toMatchObject({ code: 'peer_unavailable' });
  expect(stage.peer.received).toHaveLength(1);
});
