import { expect, test } from '@jest/globals';
import request from 'supertest';
import { MediatorError } from '../../../src/errors/index.js';
import { esignetUserInfoRoutes } from '../../../src/intake/index.js';
import type { ESignet, UserInfo } from '../../../src/national-id/index.js';
import type { VerifiedToken } from '../../../src/opencrvs/index.js';
import { appOver } from './doors.js';

const USER: UserInfo = {
  name: { firstname: 'Amina', surname: 'Canary' },
  verificationStatus: 'authenticated',
  nid: null,
};
const BODY = { clientId: 'crvs-client', redirectUri: 'https://register.example/form' };

const asked: unknown[] = [];
const esignet: ESignet = {
  async userInfo(logIn) {
    asked.push(logIn);
    if (logIn.code === 'used') throw new MediatorError('request_invalid');
    if (logIn.code === 'away') throw new MediatorError('peer_unavailable');
    return USER;
  },
};
const verifier = {
  async verify(header: string | undefined): Promise<VerifiedToken> {
    if (header !== 'Bearer good') throw new MediatorError('credentials_invalid');
    return { token: 'good', claims: { sub: 'country', scope: [], exp: 0, iat: 0 } };
  },
};
const { app, lines } = appOver(esignetUserInfoRoutes({ esignet, verifier }));

const ask = (query = '?code=c-1&state=s', body: object = BODY, token = 'good', over = app) =>
  request(over).post(`/esignet/get-oidp-user-info${query}`).set('authorization', `Bearer ${token}`).send(body);

test('who has logged in is asked of e-Signet and told to the form', async () => {
  const response = await ask();
  expect([response.status, response.body]).toEqual([200, USER]);
  expect(asked).toEqual([{ code: 'c-1', ...BODY }]);
});

test.each([
  { name: 'a code that is used', answer: () => ask('?code=used&state=s'), status: 400 },
  { name: 'no code', answer: () => ask('?state=s'), status: 400 },
  { name: 'two codes', answer: () => ask('?code=1&code=2'), status: 400 },
  { name: 'no client', answer: () => ask(undefined, { redirectUri: 'x' }), status: 422 },
  { name: 'a bad token', answer: () => ask(undefined, BODY, 'bad'), status: 401 },
  { name: 'an e-Signet that is away', answer: () => ask('?code=away'), status: 503 },
])('$name: $status', async ({ answer, status }) => {
  expect((await answer()).status).toBe(status);
});

test('where e-Signet is not configured, those are told who may ask', async () => {
  const { app: without } = appOver(esignetUserInfoRoutes({ esignet: undefined, verifier }));
  expect((await ask(undefined, BODY, 'good', without)).status).toBe(501);
  expect((await ask(undefined, BODY, 'bad', without)).status).toBe(401);
});

test('neither code nor person is in the log', () => {
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.join('\n')).not.toMatch(/c-1|Amina|Canary|code=/);
});
