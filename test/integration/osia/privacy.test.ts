import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toMediatorError } from '../../../src/errors/index.js';
import { type CallRecord, recordingCalls } from '../../../src/outbound/index.js';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { BIRTH, CHILD, type OsiaStage, setStage } from './set-up.js';

const known = { nationalId: '6271936581' };
const QUOTED = 'Thandiwe Canary 6271936581 2024B1';
const CANARIES = /6271936581|Canary|Thandiwe|2024B1|2024-01-28|secret of the client|secret-part/;
const TOKEN = 'confirmation-token-secret-part';
const { signal } = new AbortController();

const secret = 'address-secret-part';
const SUBSCRIPTION = { topics: ['newPerson'], secret, address: `http://127.0.0.1:9/${secret}` };

let stage: OsiaStage;
let calls: readonly CallRecord[];
const errors: string[] = [];

/** What the notification engine sends us, taken in and read. */
async function notified(type: string, content: object): Promise<void> {
  const headers = { 'message-type': type, 'message-id': known.nationalId, 'topic-id': known.nationalId };
  const body = Buffer.from(JSON.stringify({ type, ...content }));
  const door = stage.system.notifications;
  await door?.receive(headers, body, signal);
  if (type === 'Notification') await door?.read(body);
}

/** Everything that the adapter does, all of it once more with a system that fails and quotes what it was sent. */
async function doAll(): Promise<void> {
  const { system, submission } = stage;
  const about = { ...BIRTH, of: 'birth', revision: '1' } as const;
  const events = {
    correction: { ...about, kind: 'correction' },
    cancellation: { ...about, kind: 'cancellation' },
    reinstatement: { ...about, kind: 'reinstatement' },
    death: { kind: 'death', registrationNumber: '2024D1', subject: CHILD },
  } as const satisfies Record<string, VitalEvent>;
  const [name] = CHILD.names;
  const steps: readonly (() => Promise<unknown>)[] = [
    () => system.issue(submission(BIRTH)),
    () => system.update(submission(events.correction, { known })),
    () => system.deactivate(submission(events.cancellation, { known })),
    () => system.reactivate(submission(events.reinstatement, { known })),
    () => system.verify({ ...known, name, birthDate: '2024-01-28' }, signal),
    () => system.checkAge({ ...known, years: 18, on: '2024-01-28' }, signal),
    () => system.lookup(known, signal),
    () => system.lookup({ registrationNumber: '2024B1' }, signal),
    () => system.match(CHILD, { atMost: 3, onlyCertain: false }, signal),
    () => system.deactivate(submission(events.death, { known })),
    () => notified('Notification', { message: JSON.stringify({ uin: known.nationalId }) }),
    () => notified('SubscriptionConfirmation', { token: TOKEN }),
  ];
  for (const step of steps) {
    await step().catch((thrown: unknown) => errors.push(JSON.stringify(toMediatorError(thrown)), String(thrown)));
  }
}

beforeAll(async () => {
  stage = await setStage({ settings: { notifyAs: 'OpenCRVS', subscription: SUBSCRIPTION } });
  const recorded = await recordingCalls(async () => {
    await doAll();
    for (const status of [400, 403, 404, 500]) {
      stage.peer.fail(() => true, { status, body: JSON.stringify({ code: 1, message: QUOTED }) });
      await doAll();
      stage.peer.heal();
    }
  });
  calls = recorded.calls;
});
afterAll(() => stage.close());

test('it has done something', () => {
  expect(stage.peer.population.get(known.nationalId)?.state.physicalStatus).toBe('DEAD');
  expect(errors.length).toBeGreaterThan(10);
});

test('records of calls show the address as OSIA writes it', () => {
  expect([...new Set(calls.map(({ request: { path } }) => path))].sort()).toEqual([
    '/oauth/token',
    '/osia/v1/persons',
    '/osia/v1/persons/{personId}',
    '/osia/v1/persons/{personId}/identities',
    '/osia/v1/persons/{personId}/identities/{identityId}',
    '/osia/v1/persons/{personId}/identities/{identityId}/reference',
    '/osia/v1/persons/{uin}',
    '/osia/v1/persons/{uin}/match',
    '/osia/v1/persons/{uin}/verify',
    '/osia/v1/subscriptions/confirm',
    '/osia/v1/topics',
    '/osia/v1/topics/{uuid}/publish',
    '/osia/v1/uin',
  ]);
});

test('no number and nothing else of a person is in records, errors, log, metrics or readiness', async () => {
  const { text } = await stage.metrics.render();
  const readiness = JSON.stringify(stage.health.readiness());
  const shown = [JSON.stringify(calls), ...errors, ...stage.lines, text, readiness];
  expect(shown.filter((one) => CANARIES.test(one))).toEqual([]);
});

test("the number is in a path only where OSIA's design puts it, and nothing of a person in a query", () => {
  // OSIA takes the token of a confirmation nowhere else.
  const queries = stage.peer.received.filter(({ path }) => !path.endsWith('/confirm'));
  expect(queries.filter(({ rawQuery }) => CANARIES.test(decodeURIComponent(rawQuery)))).toEqual([]);
  const others = stage.peer.received.filter(({ path }) => !path.startsWith(`/osia/v1/persons/${known.nationalId}`));
  expect(others.filter(({ path }) => CANARIES.test(path))).toEqual([]);
});
