import { expect, test } from '@jest/globals';
import { readIdaAnswer } from '../../../src/national-id/mosip/identity-authentication-answer.js';
import { reply } from './scripted-outbound.js';

const CANARY = 'Amina Canary';

const answerTo = (...errors: readonly (readonly [errorCode: string, errorMessage?: string])[]): unknown => {
  const body = {
    response: { authStatus: false, authToken: null },
    errors: errors.map(([errorCode, errorMessage = CANARY]) => ({ errorCode, errorMessage })),
  };
  return readIdaAnswer(reply(body), 0);
};

/** What is thrown, with its words. */
const faultOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
};

test.each([
  { errors: [['IDA-MLC-002']], answer: { result: 'not-found' } },
  { errors: [['IDA-MLC-004']], answer: { result: 'not-found' } },
  { errors: [['IDA-MLC-018']], answer: { result: 'not-found' } },
  { errors: [['IDA-MLC-009', 'Invalid Input Parameter - individualId']], answer: { result: 'not-found' } },
  { errors: [['IDA-MLC-003']], answer: { result: 'inactive' } },
  { errors: [['IDA-MLC-005']], answer: { result: 'inactive' } },
  { errors: [['IDA-MLC-010']], answer: { result: 'inactive' } },
  { errors: [['IDA-MLC-023']], answer: { result: 'inactive' } },
  {
    errors: [
      ['IDA-DEA-001', 'Demographic data name in eng did not match'],
      ['IDA-DEA-003', 'Demographic data dob not available in database'],
    ],
    answer: { result: 'mismatch', attributes: ['name', 'birth-date'] },
  },
  {
    errors: [['IDA-DEA-001', 'Demographic data gender in eng did not match']],
    answer: { result: 'mismatch', attributes: ['gender'] },
  },
  { errors: [['IDA-DEA-001', 'Les données ne correspondent pas']], answer: { result: 'mismatch', attributes: [] } },
  { errors: [['IDA-DEA-001', 'name'], ['IDA-MLC-022']], answer: { result: 'inactive' } },
] as const)('answers: $errors', ({ errors, answer }) => {
  expect(answerTo(...errors)).toEqual(answer);
});

test.each([
  { errors: [['IDA-MPA-007']], code: 'national_id_misconfigured' },
  { errors: [['PMS_PMP_016']], code: 'national_id_misconfigured' },
  { errors: [['IDA-MLC-001']], code: 'national_id_misconfigured' },
  { errors: [['IDA-MLC-009', 'Invalid Input Parameter - domainUri']], code: 'national_id_misconfigured' },
  { errors: [['IDA-DEA-001', 'name'], ['IDA-MPA-021']], code: 'national_id_misconfigured' },
  { errors: [['IDA-MLC-007']], code: 'peer_error' },
  { errors: [['IDA-DEA-001', 'name'], ['IDA-MLC-007']], code: 'peer_error' },
  { errors: [['IDA-NEW-999']], code: 'peer_error' },
  { errors: [[CANARY]], code: 'peer_error' },
] as const)('is neither a yes nor a no: $errors', ({ errors, code }) => {
  const fault = faultOf(() => answerTo(...errors));
  expect(fault).toMatchObject({ code });
  expect(String(fault)).not.toContain('Canary');
});

test.each([
  { name: 'a yes', body: { response: { authStatus: true }, errors: null }, answer: { result: 'match' } },
  {
    name: 'a yes beside errors',
    body: { response: { authStatus: true }, errors: [{ errorCode: 'IDA-MLC-003' }] },
    answer: { result: 'inactive' },
  },
])('reads $name', ({ body, answer }) => {
  expect(readIdaAnswer(reply(body), 0)).toEqual(answer);
});

test.each([
  {
    name: 'a no without a reason',
    answer: reply({ response: { authStatus: false }, errors: [] }),
    code: 'peer_response_invalid',
  },
  { name: 'nothing', answer: reply({}), code: 'peer_response_invalid' },
  { name: 'no JSON', answer: reply('<h1>welcome</h1>'), code: 'peer_response_invalid' },
  { name: 'HTTP 503', answer: reply('', 503), code: 'peer_unavailable' },
  { name: 'HTTP 404', answer: reply('', 404), code: 'national_id_misconfigured' },
  { name: 'HTTP 403', answer: reply('', 403), code: 'national_id_misconfigured' },
])('takes no answer from $name', ({ answer, code }) => {
  expect(faultOf(() => readIdaAnswer(answer, 0))).toMatchObject({ code });
});
