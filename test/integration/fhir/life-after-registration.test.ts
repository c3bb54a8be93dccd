import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { NationalIdSystem } from '../../../src/national-id/index.js';
import type { FhirPeer } from '../../peers/fhir-peer.js';
import { birthAt, CHILD, type FhirStage, isUpdate, setStage } from './set-up.js';

let stage: FhirStage;
let peer: FhirPeer;
let system: NationalIdSystem;

beforeEach(async () => {
  stage = await setStage();
  ({ peer, system } = stage);
});
afterEach(() => stage.close());

const SAID_ABOUT = { registrationNumber: '2024B|1', of: 'birth', revision: '1', subject: CHILD } as const;

test('a correction changes the stored person under its version, and keeps numbers and what others added', async () => {
  await system.issue(birthAt(stage));
  const id = String(peer.patients[0]?.id);
  const others = { photo: [{ title: 'of the ID card' }], telecom: [{ system: 'phone' as const, value: '+260' }] };
  peer.change(id, others);
  const subject = { ...CHILD, names: [{ language: 'en', given: ['Thandeka'], family: 'Canary' }] };
  const corrected = stage.submission({ ...SAID_ABOUT, kind: 'correction', subject });

  expect(await system.update({ ...corrected, known: { nationalId: '4271936581' } })).toEqual({ result: 'confirmed' });

  expect(peer.patients).toHaveLength(1);
  expect(peer.patients[0]).toMatchObject({
    id,
    ...others,
    active: true,
    name: [{ given: ['Thandeka'] }],
    birthDate: '2024-01-28',
    identifier: [{ value: '2024B|1' }, { value: '07'.repeat(16) }, { value: '4271936581' }],
  });
  expect(peer.received.find(isUpdate)?.headers['if-match']).toBe('W/"2"');
});

test('a correction finds the person by the number of the birth, and told twice changes nothing', async () => {
  await system.issue(birthAt(stage));
  const corrected = stage.submission({ ...SAID_ABOUT, kind: 'correction', subject: { ...CHILD, gender: 'male' } });

  expect(await system.update(corrected)).toEqual({ result: 'confirmed' });
  expect(await system.update({ ...corrected, repeated: true })).toEqual({ result: 'confirmed' });
  expect(peer.patients[0]).toMatchObject({ gender: 'male', meta: { versionId: '2' } });
});

test('a correction of nobody is a refusal, and makes nobody', async () => {
  const corrected = stage.submission({ ...SAID_ABOUT, kind: 'correction' });
  expect(await system.update(corrected)).toMatchObject({ result: 'refused', code: 'PERSON_NOT_FOUND' });
  expect(peer.patients).toHaveLength(0);
});

test('a corrected record that the server finds wrong is a refusal', async () => {
  await system.issue(birthAt(stage));
  const corrected = stage.submission({ ...SAID_ABOUT, kind: 'correction', subject: { ...CHILD, birthOrder: 1.5 } });
  expect(await system.update(corrected)).toMatchObject({ result: 'refused', code: 'structure' });
});

test('a cancelled birth ends the identity, and gives it back when it counts again', async () => {
  await system.issue(birthAt(stage));

  expect(await system.deactivate(stage.submission({ ...SAID_ABOUT, kind: 'cancellation' }))).toEqual({
    result: 'confirmed',
  });
  expect(peer.patients[0]?.active).toBe(false);
  expect(peer.patients[0]).not.toHaveProperty('deceasedBoolean');

  expect(await system.reactivate(stage.submission({ ...SAID_ABOUT, kind: 'reinstatement' }))).toEqual({
    result: 'confirmed',
  });
  expect(peer.patients[0]?.active).toBe(true);
});

test('a cancelled death brings the person back; a death known by its person alone ends it', async () => {
  await system.issue(birthAt(stage));
  const known = { nationalId: '4271936581' };
  const told = { registrationNumber: '2024D', subject: CHILD };
  await system.deactivate({ ...stage.submission({ ...told, kind: 'death' }), known });
  expect(peer.patients[0]).toMatchObject({ active: false, deceasedBoolean: true });

  const cancelled = stage.submission({ ...told, kind: 'cancellation', of: 'death', revision: '2' });
  expect(await system.reactivate({ ...cancelled, known })).toEqual({ result: 'confirmed' });
  expect(peer.patients[0]?.active).toBe(true);
  expect(peer.patients[0]).not.toHaveProperty('deceasedBoolean');
});
