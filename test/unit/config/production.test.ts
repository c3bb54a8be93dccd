import { expect, test } from '@jest/globals';
import { type Environment, FEWEST, faultsOf, PRODUCTION, problemsOf, settingsWith } from './environment.js';

const SAFE: Environment = { ...FEWEST, ...PRODUCTION, DATABASE_URL: 'postgres://db/m' };

test('production starts with a database, keys and inbound credentials of its own', () => {
  expect(faultsOf(SAFE)).toEqual([]);
  expect(settingsWith(SAFE).production).toBe(true);
});

test.each([
  { name: 'inbound credentials', without: ['INBOUND_USERNAME', 'INBOUND_PASSWORD'] },
  { name: 'an inbound password', without: ['INBOUND_PASSWORD'] },
  { name: 'DATA_ENCRYPTION_KEY', without: ['DATA_ENCRYPTION_KEY'] },
  { name: 'INDEX_KEY', without: ['INDEX_KEY'] },
  { name: 'a database', without: ['DATABASE_URL'] },
])('production does not start without $name', ({ without }) => {
  const left = Object.fromEntries(Object.entries(SAFE).filter(([name]) => !without.includes(name)));
  expect(faultsOf(left)).toEqual(expect.arrayContaining(without));
});

test.each([
  { name: "OpenHIM's first password", given: { INBOUND_PASSWORD: 'openhim-password' } },
  { name: 'a password everybody tries, in capitals', given: { INBOUND_PASSWORD: 'ChangeMe' } },
  { name: 'a secret of the demo', given: { INBOUND_PASSWORD: 'inbound-password-of-the-tests' } },
  { name: 'the same as the previous one', given: { INBOUND_PASSWORD_PREVIOUS: 'inbound-password-of-the-tests' } },
  { name: 'one of several', given: { OPENCRVS_SHA_SECRET: 'a long and good one, secret' } },
])('production refuses $name, and a trial takes it', ({ given }) => {
  const names = Object.keys(given);
  expect(problemsOf({ ...SAFE, ...(given as Environment) })).toEqual(
    names.map((setting) => ({ setting, expected: expect.stringContaining('published') })),
  );
  expect(faultsOf({ ...SAFE, ...(given as Environment), NODE_ENV: 'test' })).toEqual([]);
});

test('a previous inbound password is taken beside the present one, and warned of', () => {
  const settings = settingsWith({ ...SAFE, INBOUND_PASSWORD_PREVIOUS: 'the old one' });
  expect(settings.inbound).toEqual({
    username: 'openhim',
    password: PRODUCTION['INBOUND_PASSWORD'],
    previousPassword: 'the old one',
  });
  expect(settings.warnings).toContainEqual(expect.stringContaining('INBOUND_PASSWORD_PREVIOUS'));
});

test('outcomes can be reported only by a mediator that OpenHIM knows', () => {
  expect(faultsOf({ ...SAFE, OPENHIM_REPORT_OUTCOME: 'true' })).toEqual(['OPENHIM_REPORT_OUTCOME']);
});
