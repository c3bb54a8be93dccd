import { afterEach, expect, test } from '@jest/globals';
import {
  createFhirReads,
  createLocations,
  createRecordReader,
  fromFhirStore,
  parseDelivery,
  type RecordReaderOptions,
  readDelivery,
} from '../../../src/opencrvs/index.js';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { OpenCrvsNotificationPeer } from '../../peers/opencrvs-notification-peer.js';
import { fixture } from '../../support/fixtures.js';
import { startClientSide } from './client-side.js';

interface Webhook {
  readonly event: { readonly context: readonly [{ readonly entry: readonly { readonly resource: Resource }[] }] };
}
interface Resource {
  readonly resourceType: string;
  readonly id: string;
}
interface Sent {
  readonly event: VitalEvent;
  readonly raw: string;
}

const WHOLE_BIRTH = 'opencrvs/birth-bundle-full.json';
const MOTHER = '65bd96ea-2ccc-449f-b7f3-43d068d7ef98';
const COMPOSITION = '8c8fca98-e7fc-4a10-8d62-9aa1eaae9b0d';
const CLINIC = { resourceType: 'Location', id: '998930cf-c0af-433f-b54e-b9805950347e', name: 'Eastview Clinic' };

/** A webhook of which only these resources came. */
function webhook(name: string, kept: (resource: Resource, index: number) => boolean): Sent {
  const body = fixture<Webhook>(`opencrvs/${name}-registered.webhook.json`);
  const [bundle] = body.event.context;
  const entry = bundle.entry.filter(({ resource }, index) => kept(resource, index));
  const cut = { ...body, event: { ...body.event, context: [{ ...bundle, entry }] } };
  const reading = readDelivery(parseDelivery(cut));
  if (!reading.ok) throw new Error(`the webhook cannot be read: ${reading.reason}`);
  return { event: reading.event, raw: JSON.stringify(cut) };
}

/** As 1.0 and 1.1 send a birth: the Task and the child (reference/opencrvs.md 3.6). */
const bareBirth = () => webhook('birth', (_, index) => index < 2);
const fullBirth = () => webhook('birth', () => true);
const death = () => webhook('death', () => true);

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** An OpenCRVS that stores the whole birth, and a reader of it. */
async function start(parts: RecordReaderOptions['parts'], { fhir = true, locations = false } = {}) {
  const { opencrvs, outbound, clock, tokens, stop } = await startClientSide();
  const gateway = await new OpenCrvsNotificationPeer(opencrvs.system, opencrvs.records, '1.2').start();
  stops.push(stop, () => gateway.stop());
  opencrvs.records.load(fixture(WHOLE_BIRTH));
  opencrvs.records.store(CLINIC);
  const places = locations ? createLocations({ outbound, clock }, { url: gateway.url }) : undefined;
  const reader = createRecordReader(
    {
      source: fromFhirStore({
        fhir: fhir ? createFhirReads({ outbound, clock, tokens }, opencrvs.fhir.baseUrl) : undefined,
        locations: places,
      }),
      log: createMemoryLog().log,
      locations: places,
    },
    { parts },
  );
  return {
    opencrvs,
    gateway,
    read: () => opencrvs.fhir.received.map(({ path }) => path.replace('/fhir/', '').replace(/\/.*/, '')),
    complete: ({ event, raw }: Sent) => reader.completeEvent(event, raw, new AbortController().signal),
  };
}

test('a birth that came with the child alone gets its parents, and nothing else is read', async () => {
  const { complete, read } = await start(['mother', 'father']);
  const sent = bareBirth();
  const { mother, father, ...rest } = await complete(sent);
  expect(rest).toEqual(sent.event);
  expect({ mother, father }).toMatchObject({
    mother: { sourceId: MOTHER, names: [{ given: expect.any(Array) }] },
    father: { sourceId: '162758b2-14ac-4fa1-9ec9-1d3183ddc8fb' },
  });
  expect(read()).toEqual(['Composition', 'Patient', 'Patient']);
});

test('the place is read through the Encounter, the informant through the RelatedPerson', async () => {
  const { complete, read } = await start(['informant', 'place']);
  const event = await complete(bareBirth());
  expect(event.place).toMatchObject({ name: 'Eastview Clinic' });
  expect(event.informant).toMatchObject({ relationship: 'MOTHER', person: { sourceId: MOTHER } });
  expect(read()).toEqual(['Composition', 'RelatedPerson', 'Patient', 'Encounter', 'Location']);
});

test.each<{ name: string; parts: RecordReaderOptions['parts']; sent: () => Sent }>([
  { name: 'it has all that is needed', parts: ['mother', 'father'], sent: fullBirth },
  { name: 'nothing is needed', parts: [], sent: bareBirth },
  {
    name: 'it did not come by a webhook',
    parts: ['mother'],
    sent: () => ({ ...bareBirth(), raw: '{"id":"an EventDocument"}' }),
  },
  { name: 'its body is no JSON', parts: ['mother'], sent: () => ({ ...bareBirth(), raw: 'x' }) },
])('nothing is asked when $name', async ({ parts, sent }) => {
  const { complete, opencrvs } = await start(parts);
  const given = sent();
  expect(await complete(given)).toBe(given.event);
  expect(opencrvs.fhir.received).toEqual([]);
});

test('a part that the store does not have stays away: the mapping decides', async () => {
  const { complete, opencrvs } = await start(['mother', 'father']);
  opencrvs.records.forget('Patient', MOTHER);
  const event = await complete(bareBirth());
  expect(event.mother).toBeUndefined();
  expect(event.father).toBeDefined();
});

test('without the Composition the settings are in doubt, and the event is kept for a person', async () => {
  const { complete, opencrvs } = await start(['mother']);
  opencrvs.records.forget('Composition', COMPOSITION);
  await expect(complete(bareBirth())).rejects.toMatchObject({
    code: 'peer_misconfigured',
    message: expect.stringMatching(/OPENCRVS_FHIR_URL/),
  });
});

test('a record in which the child is another one is not guessed at', async () => {
  const { complete, opencrvs } = await start(['mother']);
  const { entry } = fixture<{ entry: { resource: Resource }[] }>(WHOLE_BIRTH);
  const composition = JSON.stringify(entry[0]?.resource).replace('aafcb2cf-bbb7-4e1d-b458-99c7822add1e', MOTHER);
  opencrvs.records.store(JSON.parse(composition));
  opencrvs.records.store({ resourceType: 'Patient', id: MOTHER });
  const sent = webhook('birth', ({ id }, index) => index < 2 || id === MOTHER);
  await expect(complete({ ...sent, event: bareBirth().event })).rejects.toMatchObject({ code: 'event_unreadable' });
});

test.each([
  { name: 'down', fault: { status: 503 }, code: 'peer_unavailable' },
  { name: 'reset', fault: { kind: 'reset' }, code: 'peer_unreachable' },
  { name: 'forbidden', fault: { status: 403 }, code: 'peer_error' },
  { name: 'garbage', fault: { kind: 'garbage' }, code: 'peer_response_invalid' },
  {
    name: 'another resource',
    fault: { status: 200, body: '{"resourceType":"Patient"}' },
    code: 'peer_response_invalid',
  },
] as const)('a store that is $name: $code, to be tried again', async ({ fault, code }) => {
  const { complete, opencrvs } = await start(['mother']);
  opencrvs.fhir.fail(() => true, fault, 1);
  await expect(complete(bareBirth())).rejects.toMatchObject({ code, disposition: 'retry' });
  expect((await complete(bareBirth())).mother).toBeDefined();
});

test('locations come from the gateway, and are asked for once', async () => {
  const { complete, gateway, read } = await start(['place'], { locations: true });
  expect((await complete(bareBirth())).place).toMatchObject({ name: 'Eastview Clinic' });
  expect(read()).toEqual(['Composition', 'Encounter']);
  expect(gateway.requestsTo(`/location/${CLINIC.id}`)).toHaveLength(1);
});

test('without a FHIR store the place of a death is told by its Encounter and the gateway (1.5 and 1.6)', async () => {
  const { complete, opencrvs } = await start(['mother', 'place'], { fhir: false, locations: true });
  const sent = death();
  const whole = await complete(sent);
  const [address] = sent.event.subject.addresses;
  expect(whole).toMatchObject({
    ...sent.event,
    subject: { ...sent.event.subject, addresses: [{ ...address, districtName: 'Lobozi', stateName: 'Northmarch' }] },
    place: { name: 'Eastview Clinic' },
  });
  expect(whole).not.toHaveProperty('mother.names');
  expect(opencrvs.fhir.received).toEqual([]);
});

test('districts and states get their names; one that has none does not hold the event', async () => {
  const { complete, gateway } = await start([], { fhir: false, locations: true });
  gateway.fail('950e918f-4861-4973-a696-e6eeff1cd098', { kind: 'reset' });
  const { mother } = await complete(fullBirth());
  expect(mother?.addresses).toEqual([expect.objectContaining({ districtName: 'Lobozi' })]);
  expect(mother?.addresses[0]).not.toHaveProperty('stateName');
});

test('an event whose places have no new name is given back as it is, so that nothing is stored again', async () => {
  const { complete } = await start([], { fhir: false, locations: true });
  const sent = bareBirth();
  expect(await complete(sent)).toBe(sent.event);
});
