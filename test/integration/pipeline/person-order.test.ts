import { expect, test } from '@jest/globals';
import type { Incoming, VitalEvent } from '../../../src/vital-events/index.js';
import { birth, credential, death, type Harness } from '../../support/pipeline-harness.js';
import { until } from '../../support/until.js';
import { useHarness } from '../../support/use-harness.js';

let harness: Harness;
useHarness('postgres', {}, (started) => {
  harness = started;
});

function correction(number: string, revision: string): Incoming {
  const { reading } = birth(number);
  if (!reading.ok) throw new Error('unreachable');
  const event: VitalEvent = { ...reading.event, kind: 'correction', of: 'birth', revision };
  return { reading: { ok: true, event }, raw: `correction ${revision}`, transactionId: undefined };
}

test('the events of a person follow in the order in which they were accepted, also from the ninth to the tenth', async () => {
  await harness.pipeline.accept(birth('O-many'));
  const { outwardKey } = await harness.system.submitted('O-many');
  await harness.reaches('O-many', 'submitted');
  harness.system.when('O-many', async () => ({ result: 'confirmed' }));
  // Numbers of acceptance on both sides of 1,000: as texts, the second half would come first.
  await harness.sql.query(`select setval('mediator.event_seq_seq', 996)`);
  const revisions = Array.from({ length: 6 }, (_, index) => `action-${index}`);
  for (const revision of revisions) await harness.pipeline.accept(correction('O-many', revision));
  await harness.pipeline.acceptCallback('mosip', 'delivery-O-many', credential(outwardKey, 'V-many'));
  await until(() => harness.system.submissionsOf('O-many').length === 7, 'all are handed over');
  const handedOver = harness.system
    .submissionsOf('O-many')
    .map(({ event }) => (event.kind === 'correction' ? event.revision : event.kind));
  expect(handedOver).toEqual(['birth', ...revisions]);
});

test('an event whose identifiers lead to two persons belongs to the one of the registration number', async () => {
  // Persons have ids by chance: eight pairs, so that no order of theirs lets it pass.
  for (let pair = 0; pair < 8; pair += 1) {
    const [one, other] = [`O-one-${pair}`, `O-other-${pair}`];
    const first = death(`${one}-death`, `N-${pair}`);
    const second = death(`${other}-death`, `N-${pair}`);
    if (!first.reading.ok || !second.reading.ok) throw new Error('unreachable');
    second.reading.event.subject.identifiers.push({ type: 'BIRTH_REGISTRATION_NUMBER', value: other });
    for (const incoming of [first, birth(other), second]) await harness.pipeline.accept(incoming);
    const rows = await harness.sql.query<{ persons: number }>(
      'select count(distinct person_id)::int as persons from mediator.event where registration_number = any($1)',
      [[other, `${other}-death`]],
    );
    expect(rows).toEqual([{ persons: 1 }]);
  }
});
