import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Submission } from '../../../src/national-id/index.js';
import type { Person, VitalEvent } from '../../../src/vital-events/index.js';
import { json } from '../../peers/http-peer.js';
import { BIRTH, CHILD, type OsiaStage, setStage } from './set-up.js';

let stage: OsiaStage;
beforeEach(async () => {
  stage = await setStage();
  await stage.system.issue(stage.submission(BIRTH));
});
afterEach(() => stage.close());

const KNOWN = { nationalId: '6271936581' };
const CONFIRMED = { result: 'confirmed' };
const death = (identifiers: Person['identifiers'] = []): VitalEvent => ({
  kind: 'death',
  registrationNumber: '2024D1',
  subject: { ...CHILD, identifiers },
});
const about = (kind: 'cancellation' | 'reinstatement' | 'correction', of: 'birth' | 'death'): VitalEvent => {
  const { subject, registrationNumber } = of === 'birth' ? BIRTH : death();
  return { kind, of, registrationNumber, subject, revision: '1' };
};
const ofKnown = (event: VitalEvent, facts?: Partial<Submission>): Submission =>
  stage.submission(event, { known: KNOWN, ...facts });
const stateOf = (uin = KNOWN.nationalId) => stage.peer.population.get(uin)?.state;
const updates = () =>
  stage.peer.received.filter(({ method, path }) => method === 'PUT' && !path.includes('/identities'));

test.each([
  { name: 'the number that we were given', submission: () => ofKnown(death()) },
  {
    name: 'the number in the record, before ours',
    submission: () =>
      stage.submission(death([{ type: 'NATIONAL_ID', value: KNOWN.nationalId }]), { known: { nationalId: '1' } }),
  },
  {
    name: 'the number of the birth',
    submission: () => stage.submission(death([{ type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B1' }])),
  },
])('a death ends the person known by $name', async ({ submission }) => {
  expect(await stage.system.deactivate(submission())).toEqual(CONFIRMED);
  expect(stateOf()).toEqual({ status: 'INACTIVE', physicalStatus: 'DEAD' });
});

test.each([
  { name: 'nothing to go by', submission: () => stage.submission(death()) },
  { name: 'an unknown number', submission: () => ofKnown(death(), { known: { nationalId: '1' } }) },
  { name: 'a number that is none', submission: () => ofKnown(death(), { known: { nationalId: '../x' } }) },
])('a death with $name finds nobody', async ({ submission }) => {
  expect(await stage.system.deactivate(submission())).toMatchObject({ result: 'refused', code: 'PERSON_NOT_FOUND' });
  expect(updates()).toEqual([]);
});

test('a death told twice, or corrected, changes nothing more', async () => {
  for (const repeated of [false, true]) await stage.system.deactivate(ofKnown(death(), { repeated }));
  expect(await stage.system.update(ofKnown(about('correction', 'death')))).toEqual(CONFIRMED);
  expect(updates()).toHaveLength(1);
});

test('a person who vanishes between two calls is not found', async () => {
  stage.peer.fail(({ method }) => method === 'PUT', { status: 404 }, 1);
  expect(await stage.system.deactivate(ofKnown(death()))).toMatchObject({ code: 'PERSON_NOT_FOUND' });
});

test('a cancelled death brings the person back', async () => {
  await stage.system.deactivate(ofKnown(death()));
  expect(await stage.system.reactivate(ofKnown(about('cancellation', 'death')))).toEqual(CONFIRMED);
  expect(stateOf()).toEqual({ status: 'ACTIVE', physicalStatus: 'ALIVE' });
});

test('a cancelled birth ends the identity of somebody who lives, and gives it back', async () => {
  await stage.system.deactivate(ofKnown(about('cancellation', 'birth')));
  expect(stateOf()).toEqual({ status: 'INACTIVE', physicalStatus: 'ALIVE' });
  expect(await stage.system.reactivate(ofKnown(about('reinstatement', 'birth')))).toEqual(CONFIRMED);
  expect(stateOf()).toEqual({ status: 'ACTIVE', physicalStatus: 'ALIVE' });
});

test('a birth that counts again raises nobody who has died meanwhile', async () => {
  await stage.system.deactivate(ofKnown(death()));
  expect(await stage.system.reactivate(ofKnown(about('reinstatement', 'birth')))).toEqual(CONFIRMED);
  expect(stateOf()).toEqual({ status: 'INACTIVE', physicalStatus: 'DEAD' });
});

test('a correction adds an identity that answers from now on, and leaves the history', async () => {
  const subject = { ...CHILD, names: [{ given: ['Thandeka'], family: 'Canary' }] };
  const corrected = ofKnown({ ...about('correction', 'birth'), subject });
  for (const repeated of [false, true]) {
    expect(await stage.system.update({ ...corrected, repeated })).toEqual(CONFIRMED);
  }
  const [person] = stage.peer.population.all;
  const first = stage.submission(BIRTH).outwardKey;
  expect([...(person?.identities.keys() ?? [])]).toEqual([first, corrected.outwardKey]);
  expect(person?.reference).toBe(corrected.outwardKey);
  expect(person?.identities.get(first)?.biographicData?.['firstName']).toBe('Thandiwe Zoë');
  expect(await stage.system.lookup({ nationalId: KNOWN.nationalId }, corrected.signal)).toMatchObject({
    found: { person: { names: [{ given: ['Thandeka'] }] } },
  });
});

test('a correction that the registry finds wrong is a refusal', async () => {
  stage.peer.fail(({ path }) => path.includes('/identities/'), json({ code: 5, message: 'Canary' }, 400), 1);
  expect(await stage.system.update(ofKnown(about('correction', 'birth')))).toMatchObject({ code: 'OSIA_5' });
});

test('two persons with one number of a birth are left alone', async () => {
  stage.peer.population.add('42', { birthRegistrationNumber: '2024B1' });
  const submission = stage.submission(death([{ type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B1' }]));
  expect(await stage.system.deactivate(submission)).toMatchObject({ code: 'MULTIPLE_MATCHES' });
  expect(updates()).toEqual([]);
});
