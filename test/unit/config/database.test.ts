import { expect, test } from '@jest/globals';
import { FEWEST, problemsOf, settingsWith, temporaryFiles } from './environment.js';

const files = temporaryFiles();
const CA = 'the certificates of an authority';

test('the number of connections is the one given', () => {
  const { store } = settingsWith({ DATABASE_URL: 'postgres://db/m', DATABASE_POOL_SIZE: '40' });
  expect(store).toMatchObject({ poolSize: 40 });
});

test.each([
  { name: 'alone', url: 'postgres://u:p%40w@db:5432/m' },
  { name: 'with a weaker mode', url: 'postgres://u:p%40w@db:5432/m?sslmode=require' },
])('an authority asks for a server that it vouches for: $name', ({ url }) => {
  const file = files.write('ca.pem', CA);
  const { store } = settingsWith({ DATABASE_URL: url, DATABASE_CA_FILE: file });
  const expected = `postgres://u:p%40w@db:5432/m?sslmode=verify-full&sslrootcert=${encodeURIComponent(file)}`;
  expect(store).toMatchObject({ url: expected });
});

test.each([
  { name: 'an address that is none', changes: { DATABASE_URL: 'mysql://db/m' }, setting: 'DATABASE_URL' },
  {
    name: 'an address that cannot be read',
    changes: { DATABASE_URL: 'postgres://db:port/m' },
    setting: 'DATABASE_URL',
  },
  { name: 'a file that is not there', changes: { DATABASE_CA_FILE: '/nowhere/ca.pem' }, setting: 'DATABASE_CA_FILE' },
  { name: 'too few connections', changes: { DATABASE_POOL_SIZE: '5' }, setting: 'DATABASE_POOL_SIZE' },
])('refused: $name', ({ changes, setting }) => {
  const found = problemsOf({ ...FEWEST, DATABASE_URL: 'postgres://db/m', ...changes });
  expect(found.map((problem) => problem.setting)).toEqual([setting]);
});

test.each(['disable', 'no-verify'])('refused: an authority beside sslmode=%s', (mode) => {
  const environment = { DATABASE_URL: `postgres://db/m?sslmode=${mode}`, DATABASE_CA_FILE: files.write('ca.pem', CA) };
  expect(problemsOf({ ...FEWEST, ...environment })).toEqual([
    { setting: 'DATABASE_CA_FILE', expected: `not set, or a DATABASE_URL without sslmode=${mode}` },
  ]);
});

test('MOSIP is asked about registrations where its status search can be found, and needs no address of its own', () => {
  const path = '/registrationprocessor/v1/registrationstatus/externalstatus/search';
  const addresses = {
    MOSIP_AUTH_URL: 'http://auth.example',
    MOSIP_PACKET_MANAGER_URL: 'http://packets.example',
    MOSIP_WORKFLOW_URL: 'http://workflow.example',
    MOSIP_WEBSUB_HUB_URL: 'http://hub.example',
  };
  const faults = (changes: Record<string, string>): string[] =>
    problemsOf({ ...FEWEST, NATIONAL_ID_SYSTEM: 'mosip', ...changes })
      .map(({ setting }) => setting)
      .filter((setting) => setting.endsWith('_URL') && setting !== 'MOSIP_WEBSUB_CALLBACK_URL');
  expect(faults(addresses)).toEqual([]);
  expect(faults({ ...addresses, MOSIP_STATUS_URL: `http://status.example${path}` })).toEqual([]);
});
