import { expect, test } from '@jest/globals';
import type { PacketKind } from '../../../src/national-id/mosip/fields.js';
import type { ServiceAnswer, ServiceCall } from '../../../src/national-id/mosip/service-client.js';
import { createSubmit } from '../../../src/national-id/mosip/submission.js';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { mosipSettings } from '../../peers/mosip-settings.js';
import { BIRTH, birth, correction, DEATH } from './events.js';

const RID = '10001200421234567890123456789';
const REFUSED: ServiceAnswer = { result: 'refused', code: 'RPR-WIN-001', reason: 'MOSIP found an invalid value.' };
const settings = mosipSettings(
  'https://mosip.test',
  { callbackUrl: 'https://us.test/callback', credentialKey: '' },
  {
    schemaJson: '{"properties":{}}',
    source: 'CRVS1',
    schemaVersion: '0.500',
    processes: { birth: 'CRVS_NEW', death: 'CRVS_DEATH', correction: 'OUR_UPDATE' },
  },
);

function setUp(answers: Partial<Record<ServiceCall['operation'], ServiceAnswer>> = {}, fields = {}) {
  const calls: ServiceCall[] = [];
  const submit = createSubmit(
    {
      callService: async (call) => {
        calls.push(call);
        return answers[call.operation] ?? { result: 'done' };
      },
      mapFields: async () => ({ nationalIdNumber: '1', VID: '2', ...fields }),
      clock: new ManualClock(),
    },
    settings,
  );
  const { signal } = new AbortController();
  const kindOf = ({ kind }: VitalEvent): PacketKind => (kind === 'birth' || kind === 'death' ? kind : 'correction');
  return {
    calls,
    submit: (event: VitalEvent) => submit(kindOf(event), { event, outwardKey: RID, repeated: false, signal }),
  };
}

test('a birth is a packet and then its workflow, both CRVS_NEW', async () => {
  const { calls, submit } = setUp();
  expect(await submit(BIRTH)).toEqual({ result: 'pending' });
  expect(calls.map(({ operation, method, url }) => [operation, method, url])).toEqual([
    ['create-packet', 'PUT', settings.packetManagerUrl],
    ['start-workflow', 'POST', settings.workflowUrl],
  ]);
  expect(calls[0]?.request).toMatchObject({
    id: RID,
    refId: '10001_20042',
    offlineMode: false,
    process: 'CRVS_NEW',
    source: 'CRVS1',
    schemaVersion: '0.500',
    schemaJson: '{"properties":{}}',
    fields: { nationalIdNumber: '1', VID: '2' },
    metaInfo: {
      registrationId: RID,
      creationDate: '2024-03-01T00:00:00.000Z',
      metaData: JSON.stringify([
        { label: 'registrationType', value: 'CRVS_NEW' },
        { label: 'centerId', value: '10001' },
        { label: 'machineId', value: '20042' },
        { label: 'opencrvsBRN', value: '2024BQX7T4N' },
      ]),
    },
    audits: [{ id: RID, idType: 'REGISTRATION_ID', createdAt: '2024-03-01T00:00:00.000Z' }],
  });
  expect(calls[1]).toMatchObject({
    id: 'mosip.registration.processor.workflow.instance',
    version: 'v1',
    request: {
      registrationId: RID,
      process: 'CRVS_NEW',
      source: 'CRVS1',
      additionalInfoReqId: '',
      notificationInfo: { name: 'Chipo Phiri', phone: '', email: 'chipo@example.org' },
    },
  });
});

test('a death is the same with CRVS_DEATH and its own number', async () => {
  const { calls, submit } = setUp();
  expect(await submit(DEATH)).toEqual({ result: 'pending' });
  expect(calls.map(({ request }) => request)).toEqual([
    expect.objectContaining({
      process: 'CRVS_DEATH',
      metaInfo: expect.objectContaining({ metaData: expect.stringContaining('"opencrvsDRN","value":"D2024XYZ"') }),
    }),
    expect.objectContaining({ process: 'CRVS_DEATH', notificationInfo: { name: '', phone: '', email: '' } }),
  ]);
});

test('a corrected birth has the configured process and the number of the birth', async () => {
  const { calls, submit } = setUp();
  expect(await submit(correction({ registrationNumber: '2024B1' }))).toEqual({ result: 'pending' });
  expect(calls.map(({ request }) => request)).toEqual([
    expect.objectContaining({
      process: 'OUR_UPDATE',
      metaInfo: expect.objectContaining({ metaData: expect.stringContaining('"opencrvsBRN","value":"2024B1"') }),
    }),
    expect.objectContaining({ process: 'OUR_UPDATE' }),
  ]);
});

test.each([
  { name: 'a death', event: DEATH, fields: { nationalIdNumber: undefined } },
  { name: 'a correction', event: correction({}), fields: { VID: undefined } },
])('$name that names nobody is refused and never sent', async ({ event, fields }) => {
  const { calls, submit } = setUp({}, fields);
  expect(await submit(event)).toMatchObject({ result: 'refused', code: 'NATIONAL_ID_MISSING' });
  expect(calls).toHaveLength(0);
});

test('a correction may name the person by UIN alone', async () => {
  expect(await setUp({}, { VID: undefined, UIN: '3' }).submit(correction({}))).toEqual({ result: 'pending' });
});

test('a refused packet starts no workflow', async () => {
  const { calls, submit } = setUp({ 'create-packet': REFUSED });
  expect(await submit(BIRTH)).toEqual(REFUSED);
  expect(calls).toHaveLength(1);
});

test('a refused workflow refuses the event', async () => {
  expect(await setUp({ 'start-workflow': REFUSED }).submit(BIRTH)).toEqual(REFUSED);
});

test.each([
  { name: 'no informant', event: birth({}), notificationInfo: { name: '', phone: '', email: '' } },
  {
    name: 'an informant without a person',
    event: birth({ informant: { phone: '0971550142', email: 'a@example.org' } }),
    notificationInfo: { name: '', phone: '0971550142', email: 'a@example.org' },
  },
])('whom to notify: $name', async ({ event, notificationInfo }) => {
  const { calls, submit } = setUp();
  await submit(event);
  expect(calls[1]?.request).toMatchObject({ notificationInfo });
});
