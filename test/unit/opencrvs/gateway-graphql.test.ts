import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadMapping, type Mapping } from '../../../src/config/index.js';
import type { GatewayCall } from '../../../src/opencrvs/write-back/gateway-call.js';
import { createGatewayGraphqlWriteBack } from '../../../src/opencrvs/write-back/gateway-graphql.js';
import type { Identity, RegistrationKind } from '../../../src/vital-events/index.js';

const SHIPPED = loadMapping(join(import.meta.dirname, '../../../config/mappings'), 'opencrvs/gateway-graphql.jsonata');
const giving = (result: unknown): Mapping => ({ text: '', names: () => false, apply: async () => result });

/** A gateway whose record waits; what it is asked is kept. */
function setUp(mapping: Mapping) {
  const asked: { readonly name: string; readonly variables: unknown }[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    fetchRegistration: { fetchRegistration: { registration: { status: [{ type: 'WAITING_VALIDATION' }] } } },
    confirmRegistration: { confirmRegistration: 'task' },
  };
  const call: GatewayCall = async ({ name, data }, variables) => {
    asked.push({ name, variables });
    return data.parse(answers[name]);
  };
  const writeBack = createGatewayGraphqlWriteBack(call, mapping);
  const deliver = (identity: Identity, kind: RegistrationKind = 'birth') =>
    writeBack.deliver({
      event: {
        kind,
        registrationNumber: '2024B1',
        subject: { names: [], identifiers: [], nationalities: [], addresses: [] },
      },
      outcome: { result: 'issued', identity },
      outwardKey: 'aid-1',
      replyTo: { via: 'graphql', recordId: 'r1', token: 't' },
      signal: new AbortController().signal,
    });
  const details = (): unknown => asked.find(({ name }) => name === 'confirmRegistration')?.variables;
  return { deliver, asked, details };
}

test.each([
  { name: 'the VID', identity: { virtualId: 'vid', token: 'psut', nationalId: 'uin' }, value: 'vid' },
  { name: 'the token without a VID', identity: { token: 'psut', nationalId: 'uin' }, value: 'psut' },
  { name: 'the number where nothing stands for it', identity: { nationalId: 'uin' }, value: 'uin' },
])('as shipped it writes $name', async ({ identity, value }) => {
  const { deliver, details } = setUp(SHIPPED);
  await deliver(identity);
  expect(details()).toEqual({
    id: 'r1',
    details: { registrationNumber: '2024B1', identifiers: [{ type: 'NATIONAL_ID', value }] },
  });
});

test.each([
  { name: 'nothing', result: undefined, details: { identifiers: [] } },
  { name: 'an empty object', result: {}, details: { identifiers: [] } },
  { name: 'a comment alone', result: { comment: 'ok' }, details: { identifiers: [], comment: 'ok' } },
  {
    name: 'two identifiers',
    result: {
      identifiers: [
        { type: 'OTHER', value: '1' },
        { type: 'BIRTH_CONFIGURABLE_IDENTIFIER_1', value: '2' },
      ],
    },
    details: {
      identifiers: [
        { type: 'OTHER', value: '1' },
        { type: 'BIRTH_CONFIGURABLE_IDENTIFIER_1', value: '2' },
      ],
    },
  },
])('a mapping that gives $name', async ({ result, details: expected }) => {
  const { deliver, details } = setUp(giving(result));
  expect(await deliver({ virtualId: 'vid' })).toEqual({ result: 'delivered' });
  expect(details()).toEqual({ id: 'r1', details: { registrationNumber: '2024B1', ...expected } });
});

test.each([
  {
    name: 'a type that OpenCRVS does not have',
    result: { identifiers: [{ type: 'MOSIP_PSUT_TOKEN_ID', value: 'v' }] },
  },
  {
    name: 'the type of a registration number, which is not ours to write',
    result: { identifiers: [{ type: 'BIRTH_REGISTRATION_NUMBER', value: 'v' }] },
  },
  { name: 'an empty value', result: { identifiers: [{ type: 'NATIONAL_ID', value: '' }] } },
  { name: 'another member', result: { identifier: [] } },
  { name: 'a list', result: [{ type: 'NATIONAL_ID', value: 'v' }] },
])('a mapping that gives $name fails, and nothing is asked', async ({ result }) => {
  const { deliver, asked } = setUp(giving(result));
  await expect(deliver({ virtualId: 'vid' })).rejects.toMatchObject({ code: 'mapping_failed' });
  expect(asked).toEqual([]);
});
