import { afterEach, describe, expect, test } from '@jest/globals';
import type { Lookup, LookupKey, Standing } from '../../../src/national-id/index.js';
import type { Identity, VitalEvent } from '../../../src/vital-events/index.js';
import { BIRTH, DEATH } from '../../unit/mosip/events.js';
import { type MosipStage, type StageOptions, setStage } from './set-up.js';

let stage: MosipStage;
afterEach(() => stage.close());

const CONFIRMED = { result: 'confirmed' };
const { signal } = new AbortController();

async function begin(options: StageOptions = {}): Promise<void> {
  stage = await setStage({ repository: {}, ...options });
}

/** The numbers of a person who was born and registered. */
async function born(): Promise<Identity> {
  await stage.submit(BIRTH);
  await stage.mosip.until(() => stage.mosip.identities === 1);
  const issued = stage.mosip.issued.get(stage.idOf(BIRTH));
  return { nationalId: issued?.uin, virtualId: issued?.vid };
}

const cancellationOf = (
  of: 'birth' | 'death',
  event: VitalEvent,
  identifiers: VitalEvent['subject']['identifiers'] = [],
) =>
  ({
    kind: 'cancellation',
    of,
    revision: '1',
    registrationNumber: event.registrationNumber,
    subject: { ...event.subject, identifiers },
  }) satisfies VitalEvent;

const statusOf = ({ nationalId }: Identity): string | undefined =>
  stage.mosip.processor.identities.find(nationalId)?.status;
const changes = () => stage.mosip.received.filter(({ method }) => method === 'PATCH');
const lookUp = (key: LookupKey): Promise<Lookup> => stage.system.lookup(key, signal);
const ask = (event: VitalEvent): Promise<Standing> =>
  stage.system.status({ event, outwardKey: stage.idOf(event), repeated: true, signal });

test('without its address nothing of it is offered', async () => {
  stage = await setStage();
  const known = await born();
  expect(stage.system.capabilities.has('reactivate') || stage.system.capabilities.has('lookup')).toBe(false);
  expect(await stage.submit(cancellationOf('birth', BIRTH), known)).toEqual({ result: 'not-supported' });
  expect(await lookUp({ nationalId: known.nationalId ?? '' })).toEqual({ result: 'not-supported' });
});

const VID_ENDED = { result: 'refused', code: 'VID_ENDED' };

test.each([
  { by: 'the UIN', known: ({ nationalId }: Identity): Identity => ({ nationalId }), back: CONFIRMED },
  // Whose the VID of an ended identity is, MOSIP does not tell.
  { by: 'the VID', known: ({ virtualId }: Identity): Identity => ({ virtualId }), back: VID_ENDED },
])('a cancelled birth ends the identity, found by $by; its reinstatement is $back.result', async ({ known, back }) => {
  await begin();
  const numbers = await born();
  for (const _ of ['first', 'second'])
    expect(await stage.submit(cancellationOf('birth', BIRTH), known(numbers))).toEqual(CONFIRMED);
  expect(statusOf(numbers)).toBe('DEACTIVATED');
  const reinstated: VitalEvent = { ...cancellationOf('birth', BIRTH), kind: 'reinstatement' };
  expect(await stage.submit(reinstated, known(numbers))).toMatchObject(back);
  expect(statusOf(numbers)).toBe(back === CONFIRMED ? 'ACTIVATED' : 'DEACTIVATED');
});

test('no address holds a number', async () => {
  await begin();
  const numbers = await born();
  await stage.submit(cancellationOf('birth', BIRTH), numbers);
  await lookUp({ nationalId: numbers.nationalId ?? '' });
  const paths = stage.mosip.received.map(({ path }) => path).join('\n');
  expect(paths).toContain('/idrepository/v1/identity/');
  expect(paths).not.toMatch(new RegExp(`${numbers.nationalId}|${numbers.virtualId}`));
});

test('told twice, the change is made once', async () => {
  await begin();
  const numbers = await born();
  const event = cancellationOf('birth', BIRTH);
  for (const _ of ['first', 'second']) expect(await stage.submit(event, numbers)).toEqual(CONFIRMED);
  expect(changes()).toHaveLength(1);
});

test('a change whose answer was lost is found to be made', async () => {
  await begin();
  const numbers = await born();
  stage.mosip.fail(({ method }) => method === 'PATCH', { kind: 'cut' }, 1);
  await expect(stage.submit(cancellationOf('birth', BIRTH), numbers)).rejects.toMatchObject({ disposition: 'retry' });
  expect(await stage.submit(cancellationOf('birth', BIRTH), numbers)).toEqual(CONFIRMED);
  expect(statusOf(numbers)).toBe('DEACTIVATED');
  expect(changes()).toHaveLength(1);
});

test.each([
  { name: 'as shipped, by packet', deathRoute: 'packet', answer: { result: 'pending' }, packets: 2 },
  { name: 'where the repository ends it, at once', deathRoute: 'repository', answer: CONFIRMED, packets: 1 },
] as const)('a death: $name', async ({ deathRoute, answer, packets }) => {
  await begin({ repository: { deathRoute } });
  const numbers = await born();
  const identifiers = [{ type: 'NATIONAL_ID', value: numbers.virtualId ?? '' }];
  const event: VitalEvent = { ...DEATH, subject: { ...DEATH.subject, identifiers } };
  expect(await stage.submit(event)).toEqual(answer);
  await stage.mosip.until(() => statusOf(numbers) === 'DEACTIVATED');
  expect(stage.mosip.requestsTo('createPacket')).toHaveLength(packets);
  // The record tells the VID only: that of an ended identity leads to nobody, the UIN that we know does.
  const cancelled = cancellationOf('death', DEATH, identifiers);
  expect(await stage.submit(cancelled)).toMatchObject(VID_ENDED);
  expect(await stage.submit(cancelled, numbers)).toEqual(CONFIRMED);
  expect(statusOf(numbers)).toBe('ACTIVATED');
});

describe('deaths by VID', () => {
  const vidStatusOf = ({ nationalId }: Identity) => stage.mosip.processor.identities.find(nationalId)?.vidStatus;
  const deathOf = (value = '') =>
    ({ ...DEATH, subject: { ...DEATH.subject, identifiers: [{ type: 'NATIONAL_ID', value }] } }) satisfies VitalEvent;

  test('a death deactivates the VIDs and leaves the identity; its cancellation gives them back by the UIN', async () => {
    await begin({ repository: { deathRoute: 'vid' } });
    const numbers = await born();
    expect(await stage.submit(deathOf(numbers.virtualId))).toEqual(CONFIRMED);
    expect([vidStatusOf(numbers), statusOf(numbers)]).toEqual(['DEACTIVATED', 'ACTIVATED']);
    expect(await lookUp({ nationalId: numbers.virtualId ?? '' })).toEqual({ result: 'not-found' });
    expect(stage.mosip.requestsTo('createPacket')).toHaveLength(1);

    const cancelled = cancellationOf('death', DEATH, deathOf(numbers.virtualId).subject.identifiers);
    expect(await stage.submit(cancelled)).toMatchObject(VID_ENDED);
    expect(await stage.submit(cancelled, numbers)).toEqual(CONFIRMED);
    expect(vidStatusOf(numbers)).toBe('ACTIVE');
    const paths = stage.mosip.received.map(({ path }) => path).join('\n');
    expect(paths).toMatch(/vid\/deactivate[\s\S]*vid\/reactivate/);
    expect(paths).not.toMatch(new RegExp(`${numbers.nationalId}|${numbers.virtualId}`));
  });

  test.each([
    { by: 'UIN', number: ({ nationalId }: Identity) => nationalId },
    { by: 'VID', number: ({ virtualId }: Identity) => virtualId },
  ])('a change whose answer was lost is found to be made, by the $by', async ({ number }) => {
    await begin({ repository: { deathRoute: 'vid' } });
    const numbers = await born();
    const death = deathOf(number(numbers));
    stage.mosip.fail('vid/deactivate', { kind: 'cut' }, 1);
    await expect(stage.submit(death)).rejects.toMatchObject({ disposition: 'retry' });
    const again = { event: death, outwardKey: stage.idOf(death), repeated: true, signal };
    expect(await stage.system.deactivate(again)).toEqual(CONFIRMED);
    expect(vidStatusOf(numbers)).toBe('DEACTIVATED');
  });

  test('a VID that has ended otherwise is not said to be deactivated', async () => {
    await begin({ repository: { deathRoute: 'vid' } });
    const numbers = await born();
    const person = stage.mosip.processor.identities.find(numbers.nationalId);
    if (person !== undefined) stage.mosip.processor.identities.setVidStatus(person, 'EXPIRED');
    expect(await stage.submit(deathOf(numbers.virtualId))).toMatchObject(VID_ENDED);
  });

  test('a cancelled birth ends the identity all the same', async () => {
    await begin({ repository: { deathRoute: 'vid' } });
    const numbers = await born();
    expect(await stage.submit(cancellationOf('birth', BIRTH), numbers)).toEqual(CONFIRMED);
    expect([vidStatusOf(numbers), statusOf(numbers)]).toEqual(['ACTIVE', 'DEACTIVATED']);
  });
});

test.each([
  { name: 'no number at all', identifiers: [], code: 'NATIONAL_ID_MISSING' },
  { name: "nobody's number", identifiers: [{ type: 'NATIONAL_ID', value: '4999999999' }], code: 'NATIONAL_ID_UNKNOWN' },
])('refused, with words that hold no data: $name', async ({ identifiers, code }) => {
  await begin();
  const answer = await stage.submit(cancellationOf('death', DEATH, identifiers));
  expect(answer).toMatchObject({ result: 'refused', code });
  expect(JSON.stringify(answer)).not.toContain('4999999999');
});

test('whom MOSIP has blocked is not given back', async () => {
  await begin();
  const numbers = await born();
  const person = stage.mosip.processor.identities.find(numbers.nationalId);
  if (person !== undefined) stage.mosip.processor.identities.setStatus(person, 'BLOCKED');
  const reinstated: VitalEvent = { ...cancellationOf('birth', BIRTH), kind: 'reinstatement' };
  expect(await stage.submit(reinstated, numbers)).toMatchObject({ result: 'refused', code: 'IDENTITY_BLOCKED' });
  expect(statusOf(numbers)).toBe('BLOCKED');
});

test.each([
  {
    name: 'an error in a 200',
    reply: { status: 200, body: '{"response":null,"errors":[{"errorCode":"IDR-IDC-004"}]}' },
  },
  { name: 'an empty answer', reply: { status: 200, body: '{"response":null,"errors":[]}' } },
  { name: 'an outage', reply: { status: 503 } },
])('neither found nor not found, and the health says so: $name', async ({ reply }) => {
  await begin();
  stage.mosip.fail('idvid/', reply, 1);
  await expect(lookUp({ nationalId: '4999999999' })).rejects.toMatchObject({ disposition: 'retry' });
  expect(stage.health('mosip-id-repository')?.state).toBe('degraded');
  expect(await lookUp({ nationalId: '4999999999' })).toEqual({ result: 'not-found' });
  expect(stage.health('mosip-id-repository')?.state).toBe('ok');
});

test.each<{ by: string; key: (known: Identity) => LookupKey; virtualId: boolean }>([
  { by: 'UIN', key: ({ nationalId = '' }) => ({ nationalId }), virtualId: false },
  { by: 'VID', key: ({ virtualId = '' }) => ({ nationalId: virtualId }), virtualId: true },
  { by: 'registration number', key: () => ({ registrationNumber: BIRTH.registrationNumber }), virtualId: false },
])('a person is found by $by', async ({ key, virtualId }) => {
  await begin();
  const known = await born();
  const { names, birthDate, gender } = BIRTH.subject;
  const [{ given = [], family = '' } = {}] = names;
  expect(await lookUp(key(known))).toEqual({
    result: 'found',
    found: {
      identity: { nationalId: known.nationalId, ...(virtualId ? { virtualId: known.virtualId } : {}) },
      person: {
        names: [{ language: 'eng', given, family }],
        gender,
        birthDate: { ...birthDate, approximate: false },
        identifiers: [
          { type: 'BIRTH_REGISTRATION_NUMBER', value: BIRTH.registrationNumber },
          { type: 'NATIONAL_ID', value: known.nationalId },
        ],
        nationalities: [],
        addresses: [],
      },
      isActive: true,
    },
  });
});

test.each([
  { givesLostNumber: false, result: 'pending' },
  { givesLostNumber: true, result: 'issued' },
])('a birth whose credential never comes is $result (the number is read: $givesLostNumber)', async (row) => {
  await begin({ repository: { givesLostNumber: row.givesLostNumber } });
  stage.mosip.dropCallbacks(1);
  const { nationalId } = await born();
  const identity = row.givesLostNumber ? { identity: { nationalId } } : {};
  expect(await ask(BIRTH)).toEqual({ result: row.result, ...identity });
});

test('a birth that is not processed yet has no number to read', async () => {
  await begin({ repository: { givesLostNumber: true } });
  stage.mosip.hold();
  await stage.submit(BIRTH);
  expect(await ask(BIRTH)).toEqual({ result: 'pending' });
  expect(stage.mosip.requestsTo('idvid/')).toHaveLength(0);
});

test.each([
  { name: 'a client that may ask', roleIsMissing: false },
  { name: 'a client that may not', roleIsMissing: true },
])('the probe shows $name', async ({ roleIsMissing }) => {
  await begin();
  if (roleIsMissing) stage.mosip.fail('idvid/', { status: 403, body: '{}' }, 2);
  const probe = stage.probes.find(({ about }) => about === 'identity repository');
  if (roleIsMissing) await expect(probe?.run(signal)).rejects.toMatchObject({ code: 'peer_unauthorized' });
  else expect(await probe?.run(signal)).toMatch(/answers our client/);
});
