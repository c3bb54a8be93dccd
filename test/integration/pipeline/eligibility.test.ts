import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import type { Incoming } from '../../../src/vital-events/index.js';
import { birth, type Harness, temporaryFolder } from '../../support/pipeline-harness.js';
import { until } from '../../support/until.js';
import { useHarness } from '../../support/use-harness.js';

const RULE = '"Eligible" in subject.names.given ? true : { "eligible": false, "reason": "Not one of ours." }';

const mappings = temporaryFolder();
let harness: Harness;

beforeAll(() => {
  mkdirSync(join(mappings.path, 'rules'));
  writeFileSync(join(mappings.path, 'rules', 'test.jsonata'), RULE);
});
useHarness('embedded', { settings: () => ({ mappingsDir: mappings.path, eligibilityRule: 'test' }) }, (started) => {
  harness = started;
});
afterAll(() => mappings.remove());

/** A birth of a person with this given name. */
function birthOf(given: string, registrationNumber: string, extra: Partial<Incoming> = {}): Incoming {
  const incoming = birth(registrationNumber, `${given} ${registrationNumber}`);
  if (incoming.reading.ok) incoming.reading.event.subject.names = [{ given: [given] }];
  return { ...incoming, ...extra };
}

function about(kind: 'correction' | 'cancellation', given: string, registrationNumber: string): Incoming {
  const { reading } = birthOf(given, registrationNumber);
  if (!reading.ok) throw new Error('a birth of this file cannot be read');
  const event = { ...reading.event, kind, of: 'birth', revision: `${kind} ${given}` } as const;
  return { reading: { ok: true, event }, raw: `${kind} ${given}`, transactionId: undefined };
}

const states = (number: string): Promise<{ kind: string; state: string }[]> =>
  harness.sql.query('select kind, state from mediator.event where registration_number = $1 order by seq', [number]);

test('what the rule leaves out is skipped with its reason: nothing is sent, nothing written back', async () => {
  await harness.pipeline.accept(birthOf('Other', 'R1'));
  const event = await harness.reaches('R1', 'skipped');
  expect(event).toMatchObject({ code: 'not_eligible', reason: 'Not one of ours.', tries: 0 });
  expect([harness.system.submissionsOf('R1'), harness.writeBack.deliveriesOf('R1')]).toEqual([[], []]);
});

test('what the rule takes goes on', async () => {
  await harness.pipeline.accept(birthOf('Eligible', 'R2'));
  expect(await harness.reaches('R2', 'submitted')).toMatchObject({ tries: 1 });
});

test('where OpenCRVS waits for an answer it is told to go on, without a number', async () => {
  const reply = { to: { action: 'A1' }, revision: 'A1', before: undefined };
  await harness.pipeline.accept(birthOf('Other', 'R3', { reply }));
  await harness.reaches('R3', 'settled');
  expect(harness.system.submissionsOf('R3')).toEqual([]);
  expect(harness.writeBack.deliveriesOf('R3')).toEqual([
    expect.objectContaining({ outcome: { result: 'confirmed' }, replyTo: { action: 'A1' } }),
  ]);
});

test('a correction that makes a birth eligible sends the birth, once and under its own key', async () => {
  harness.system.when('R4', async () => ({ result: 'issued', identity: { nationalId: 'N-R4' } }));
  await harness.pipeline.accept(birthOf('Other', 'R4'));
  await harness.reaches('R4', 'skipped');
  await harness.pipeline.accept(about('correction', 'Eligible', 'R4'));
  await until(async () => (await states('R4')).every(({ state }) => state === 'settled'), 'both are settled');
  expect(harness.system.submissionsOf('R4').map(({ event }) => event.kind)).toEqual(['birth']);
});

test('a correction of a birth that was answered without a number acts on the birth, which nobody was sent', async () => {
  const reply = (revision: string) => ({ to: { action: revision }, revision, before: undefined });
  await harness.pipeline.accept(birthOf('Other', 'R7', { reply: reply('A1') }));
  await harness.reaches('R7', 'settled');
  await harness.pipeline.accept({ ...about('correction', 'Another', 'R7'), reply: reply('A2') });
  await until(async () => (await states('R7')).at(-1)?.state === 'settled', 'the correction is answered');
  await until(async () => (await states('R7'))[0]?.state === 'skipped', 'the birth was put to the rule again');
  expect(harness.system.submissionsOf('R7')).toEqual([]);
  expect(harness.writeBack.deliveriesOf('R7').map(({ replyTo }) => replyTo)).toEqual([
    { action: 'A1' },
    { action: 'A2' },
  ]);

  harness.system.when('R7', async () => ({ result: 'issued', identity: { nationalId: 'N-R7' } }));
  await harness.pipeline.accept({ ...about('correction', 'Eligible', 'R7'), reply: reply('A3') });
  await until(async () => (await states('R7')).every(({ state }) => state === 'settled'), 'all are settled');
  expect(harness.system.submissionsOf('R7').map(({ event }) => event.kind)).toEqual(['birth']);
});

test('a correction never revives a birth that was cancelled', async () => {
  await harness.pipeline.accept(birthOf('Other', 'R5'));
  await harness.reaches('R5', 'skipped');
  for (const event of [about('cancellation', 'Other', 'R5'), about('correction', 'Eligible', 'R5')]) {
    await harness.pipeline.accept(event);
  }
  await until(async () => (await states('R5')).at(-1)?.state !== 'received', 'the correction is handled');
  expect((await states('R5'))[0]).toEqual({ kind: 'birth', state: 'skipped' });
  expect(harness.system.submissionsOf('R5').filter(({ event }) => event.kind === 'birth')).toEqual([]);
});

test('a record that the mapping cannot make a person of is refused, and told, by the name of the field', async () => {
  const message = 'The mapping mosip/birth.jsonata failed in the field dateOfBirth, D3030 at 12.';
  harness.system.when('R6', async () => {
    throw new MediatorError('mapping_failed', { message });
  });
  await harness.pipeline.accept(birthOf('Eligible', 'R6'));
  await until(async () => (await harness.event('R6'))?.told_at !== null, 'the refusal is told');
  expect(await harness.event('R6')).toMatchObject({ state: 'refused', code: 'mapping_failed', reason: message });
  expect(harness.writeBack.deliveriesOf('R6')).toEqual([
    expect.objectContaining({ outcome: { result: 'refused', code: 'mapping_failed', reason: message } }),
  ]);
});
