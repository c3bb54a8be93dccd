import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Standing } from '../../../src/national-id/index.js';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { type MosipStage, setStage } from './set-up.js';

const STATUS = 'externalstatus/search';

const BIRTH: VitalEvent = {
  kind: 'birth',
  registrationNumber: '2024BSTATUS',
  subject: {
    names: [{ language: 'en', given: ['Thandiwe'], family: 'Canary' }],
    gender: 'female',
    birthDate: { value: '2024-01-28', approximate: false },
    identifiers: [{ type: 'BIRTH_REGISTRATION_NUMBER', value: '2024BSTATUS' }],
    nationalities: [],
    addresses: [{ type: 'usual', lines: ['Main Street 1'], city: 'Capital' }],
  },
};
const DEATH: VitalEvent = {
  kind: 'death',
  registrationNumber: '2024DSTATUS',
  subject: { ...BIRTH.subject, identifiers: [{ type: 'NATIONAL_ID', value: '4271936581' }] },
};

let stage: MosipStage;

beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

const ask = (event: VitalEvent): Promise<Standing> => {
  const { signal } = new AbortController();
  return stage.system.status({ event, outwardKey: stage.idOf(event), repeated: true, known: undefined, signal });
};

test('the adapter can be asked', () => {
  expect(stage.system.capabilities.has('status')).toBe(true);
});

test('a registration that MOSIP never heard of is not found, and one that waits is pending', async () => {
  expect(await ask(BIRTH)).toEqual({ result: 'not-found' });
  stage.mosip.hold();
  await stage.submit(BIRTH);
  expect(await ask(BIRTH)).toEqual({ result: 'pending' });
});

test('a processed birth still waits for its number; a processed death is confirmed', async () => {
  stage.mosip.hold();
  await stage.submit(BIRTH);
  await stage.submit(DEATH);
  stage.mosip.release();
  expect([...stage.mosip.issued.values()].map(({ kind }) => kind)).toEqual(['birth', 'death']);
  expect(await ask(BIRTH)).toEqual({ result: 'pending' });
  expect(await ask(DEATH)).toEqual({ result: 'confirmed' });
});

test('a rejection, of which nobody else ever tells, is a refusal', async () => {
  stage.mosip.hold();
  await stage.submit(BIRTH);
  stage.mosip.processor.rejected.set(stage.idOf(BIRTH), 'IDR-IDC-014');
  expect(await ask(BIRTH)).toEqual({
    result: 'refused',
    code: 'REJECTED',
    reason: 'MOSIP has rejected the registration.',
  });
});

test('what MOSIP has lost is not found', async () => {
  stage.mosip.hold();
  await stage.submit(BIRTH);
  stage.mosip.processor.forget(stage.idOf(BIRTH));
  expect(await ask(BIRTH)).toEqual({ result: 'not-found' });
});

test.each([
  { name: 'REREGISTER', statusCode: 'REREGISTER', result: 'refused' },
  { name: 'a status of processing', statusCode: 'REPROCESS_FAILED', result: 'pending' },
  { name: 'a status of a later version', statusCode: 'SOMETHING_NEW', result: 'pending' },
  { name: 'no status', statusCode: null, result: 'pending' },
])('$name is $result', async ({ statusCode, result }) => {
  const response = [{ registrationId: stage.idOf(BIRTH), statusCode }];
  stage.mosip.fail(STATUS, { status: 200, body: JSON.stringify({ response, errors: [] }) }, 1);
  expect(await ask(BIRTH)).toMatchObject({ result });
});

test.each([
  {
    name: 'an answer about another registration',
    body: '{"response":[{"registrationId":"1"}],"errors":[]}',
    code: 'peer_response_invalid',
  },
  { name: 'an empty answer', body: '{"response":[],"errors":[]}', code: 'peer_response_invalid' },
  { name: 'an error', body: '{"response":null,"errors":[{"errorCode":"RPR-RGS-018"}]}', code: 'peer_error' },
  {
    name: 'an error beside one that says not found',
    body: '{"response":[],"errors":[{"errorCode":"RPR-RGS-031"},{"errorCode":"RPR-RGS-018"}]}',
    code: 'peer_error',
  },
])('$name is never taken for "not found"', async ({ body, code }) => {
  stage.mosip.fail(STATUS, { status: 200, body }, 1);
  await expect(ask(BIRTH)).rejects.toMatchObject({ code, disposition: 'retry' });
});

test('a client that may not search is told apart from a MOSIP that is away', async () => {
  stage.mosip.fail(STATUS, { status: 403, body: '{}' }, 2);
  await expect(ask(BIRTH)).rejects.toMatchObject({ code: 'peer_unauthorized' });
  expect(await ask(BIRTH)).toEqual({ result: 'not-found' });
});
