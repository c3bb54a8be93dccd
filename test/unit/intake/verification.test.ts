import { beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { MediatorError } from '../../../src/errors/index.js';
import { createApp } from '../../../src/http/index.js';
import { verificationRoutes } from '../../../src/intake/index.js';
import { NOT_SUPPORTED } from '../../../src/national-id/not-supported.js';
import type { VerifiedToken } from '../../../src/opencrvs/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { FakeNationalIdSystem } from '../../fakes/fake-national-id-system.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { readEnvelope, THROUGH_OPENHIM } from './doors.js';

const { log, lines } = createMemoryLog();
const clock = new ManualClock(Date.parse('2024-03-01T00:00:00Z'));
const CLAIM = {
  nid: '4838629174620184',
  dob: '1990-05-17',
  name: { firstname: 'Thandiwe', surname: 'Canary' },
  gender: 'female',
};
const PERSON = {
  names: [{ given: ['Thandiwe', 'Zoe'], family: 'Canary' }],
  gender: 'female' as const,
  birthDate: { value: '1990-05-17', approximate: false },
  identifiers: [],
  nationalities: [],
  addresses: [],
};

let system: FakeNationalIdSystem;

/** OpenCRVS's tokens, as far as this door knows them. */
const verifier = {
  async verify(header: string | undefined): Promise<VerifiedToken> {
    if (header === 'Bearer away') throw new MediatorError('peer_unavailable');
    if (header !== 'Bearer good') throw new MediatorError('credentials_invalid');
    return { token: 'good', claims: { sub: 'country', scope: [], exp: 0, iat: 0 } };
  },
};

const appWith = (by: typeof verifier | undefined, timeoutMs?: number) =>
  createApp(
    { clock, log, metrics: createMetrics() },
    verificationRoutes(
      { system: () => system, verifier: by, clock, log },
      timeoutMs === undefined ? {} : { timeoutMs },
    ),
    { urn: 'urn:mediator:test', inbound: { username: 'openhim', password: 'right' }, renderers: {} },
  );
const app = appWith(verifier);

const verify = (body: unknown = CLAIM, path = '/verify') =>
  request(app)
    .post(path)
    .auth('openhim', 'right')
    .set('content-type', 'application/json')
    .send(typeof body === 'string' ? body : JSON.stringify(body));

beforeEach(() => {
  system = new FakeNationalIdSystem();
  system.people = [{ identity: { nationalId: CLAIM.nid }, person: PERSON, isActive: true }];
});

describe('who is let in:', () => {
  test.each([
    { name: 'nobody in particular', header: undefined, status: 401 },
    { name: 'a wrong password', header: `Basic ${btoa('openhim:wrong')}`, status: 401 },
    { name: 'our credentials', header: `Basic ${btoa('openhim:right')}`, status: 200 },
    { name: 'a bad token', header: 'Bearer bad', status: 401 },
    { name: 'a token of OpenCRVS', header: 'Bearer good', status: 200 },
    { name: 'a token that cannot be checked', header: 'Bearer away', status: 503 },
  ])('$name: $status', async ({ header, status }) => {
    for (const [path, body] of [
      ['/verify', CLAIM],
      ['/verify/age', { nid: CLAIM.nid, years: 18 }],
    ] as const) {
      const asked = request(app).post(path).send(body);
      const response = await (header === undefined ? asked : asked.set('authorization', header));
      expect(response.status).toBe(status);
      if (status === 401) expect(response.headers['www-authenticate']).toMatch(/^Basic /);
    }
    expect(system.queries).toBe(status === 200 ? 2 : 0);
  });

  test('without OpenCRVS’s key no token, our credentials as before', async () => {
    const closed = appWith(undefined);
    expect((await request(closed).post('/verify').set('authorization', 'Bearer good').send(CLAIM)).status).toBe(401);
    expect((await request(closed).post('/verify').auth('openhim', 'right').send(CLAIM)).status).toBe(200);
  });
});

describe('an answer', () => {
  test.each([
    { name: 'true', change: {}, body: { result: 'match', reasons: [] } },
    {
      name: 'true with the middle name',
      change: { name: { ...CLAIM.name, middlename: 'Zoe' } },
      body: { result: 'match', reasons: [] },
    },
    {
      name: 'true with what forms leave empty',
      change: { name: { ...CLAIM.name, middlename: null }, gender: null, transactionId: '1' },
      body: { result: 'match', reasons: [] },
    },
    {
      name: 'wrong in the middle name',
      change: { name: { ...CLAIM.name, middlename: 'Anne' } },
      body: { result: 'mismatch', reasons: ['name'] },
    },
    {
      name: 'wrong in day and gender',
      change: { dob: '1990-05-18', gender: 'Male' },
      body: { result: 'mismatch', reasons: ['birth-date', 'gender'] },
    },
    { name: 'about nobody', change: { nid: '1' }, body: { result: 'not-found', reasons: [] } },
  ])('to a claim that is $name', async ({ change, body }) => {
    const response = await verify({ ...CLAIM, ...change });
    expect([response.status, response.body]).toEqual([200, body]);
  });

  test('about somebody whose identity has ended', async () => {
    system.people = [{ identity: { nationalId: CLAIM.nid }, person: PERSON, isActive: false }];
    expect((await verify()).body).toEqual({ result: 'inactive', reasons: [] });
  });

  test('through OpenHIM', async () => {
    const response = await verify().set(THROUGH_OPENHIM);
    const { response: inner } = readEnvelope(response.text, response.headers['content-type']);
    expect([inner.status, JSON.parse(inner.body)]).toEqual([200, { result: 'match', reasons: [] }]);
  });
});

describe('the client of opencrvs/mosip', () => {
  const ask = (accept: string | undefined, authorization = 'Bearer good', claim: object = CLAIM) => {
    const asked = request(app).post('/verify').set('authorization', authorization).send(claim);
    return accept === undefined ? asked : asked.set('accept', accept);
  };

  test('gets a word, as it says that it takes anything', async () => {
    expect((await ask('*/*')).text).toBe('verified');
    expect((await ask(undefined)).text).toBe('verified');
    expect((await ask('*/*', 'Bearer good', { ...CLAIM, dob: '1990-05-18' })).text).toBe('failed');
    expect((await ask('*/*', 'Bearer good', { ...CLAIM, nid: '1' })).text).toBe('failed');
  });

  test('is told when the system is away: neither word', async () => {
    system.queryFault = new MediatorError('peer_unreachable');
    const response = await ask('*/*');
    expect([response.status, response.text, response.headers['retry-after']]).toEqual([503, 'unavailable', '5']);
  });

  test.each([
    {
      name: 'a token, and JSON is asked for',
      accept: 'application/json, text/plain;q=0.5',
      header: 'Bearer good',
      isJson: true,
    },
    { name: 'our credentials and anything', accept: '*/*', header: `Basic ${btoa('openhim:right')}`, isJson: true },
    {
      name: 'our credentials and text only',
      accept: 'text/plain',
      header: `Basic ${btoa('openhim:right')}`,
      isJson: false,
    },
  ])('or JSON, by what is taken: $name', async ({ accept, header, isJson }) => {
    const response = await ask(accept, header);
    expect(response.text).toBe(isJson ? '{"result":"match","reasons":[]}' : 'verified');
    expect(response.headers['content-type']).toMatch(isJson ? /^application\/json/ : /^text\/plain/);
  });
});

describe('is neither a yes nor a no:', () => {
  test('a system that is away, with the time to wait', async () => {
    system.queryFault = new MediatorError('peer_unavailable', { retryAfterMs: 61_500 });
    const response = await verify();
    expect([response.status, response.body]).toEqual([503, { result: 'unavailable', reasons: ['peer_unavailable'] }]);
    expect(response.headers['retry-after']).toBe('62');
    expect(lines.join('\n')).toContain('"event":"verification.unavailable"');
  });

  test('a system that is too slow', async () => {
    const slow = new FakeNationalIdSystem();
    slow.verify = (_claim: unknown, signal?: AbortSignal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new MediatorError('call_cancelled')));
      });
    system = slow;
    const response = await request(appWith(verifier, 20)).post('/verify').auth('openhim', 'right').send(CLAIM);
    expect([response.status, response.body]).toEqual([503, { result: 'unavailable', reasons: ['call_cancelled'] }]);
  });

  test('a wrong configuration', async () => {
    system.queryFault = new MediatorError('national_id_misconfigured');
    const response = await verify();
    expect([response.status, response.body.code]).toEqual([502, 'national_id_misconfigured']);
  });

  test.each(['/verify', '/verify/age'])('a system that cannot: %s', async (path) => {
    system.verify = async () => NOT_SUPPORTED;
    system.checkAge = async () => NOT_SUPPORTED;
    const response = await verify(path === '/verify' ? CLAIM : { nid: '1', years: 18 }, path);
    expect([response.status, response.body.code]).toEqual([501, 'not_supported']);
  });
});

describe('an age', () => {
  test.each([
    { name: 'reached', body: { years: 33 }, result: 'yes' },
    { name: 'not reached today', body: { years: 34 }, result: 'no' },
    { name: 'reached on a day to come', body: { years: 34, on: '2024-05-17' }, result: 'yes' },
    { name: 'of nobody', body: { years: 1, nid: '1' }, result: 'not-found' },
  ])('$name', async ({ body, result }) => {
    const response = await verify({ nid: CLAIM.nid, ...body }, '/verify/age');
    expect([response.status, response.body]).toEqual([200, { result }]);
  });

  test('cannot be told while the system is away', async () => {
    system.queryFault = new MediatorError('peer_timeout');
    const response = await verify({ nid: CLAIM.nid, years: 18 }, '/verify/age');
    expect([response.status, response.body, response.headers['retry-after']]).toEqual([
      503,
      { result: 'unavailable' },
      '5',
    ]);
  });
});

describe('nothing is asked for', () => {
  const { nid: _nid, ...noNumber } = CLAIM;
  test.each([
    { name: 'no JSON', body: '{', status: 400, path: '/verify' },
    { name: 'no number', body: noNumber, status: 422, path: '/verify' },
    { name: 'an empty number', body: { ...CLAIM, nid: ' ' }, status: 422, path: '/verify' },
    { name: 'no date', body: { ...CLAIM, dob: '17.5.1990' }, status: 422, path: '/verify' },
    { name: 'a date that never was', body: { ...CLAIM, dob: '1990-02-30' }, status: 422, path: '/verify' },
    { name: 'no name', body: { ...CLAIM, name: { firstname: '', surname: ' ' } }, status: 422, path: '/verify' },
    { name: 'an unknown gender', body: { ...CLAIM, gender: 'f' }, status: 422, path: '/verify' },
    { name: 'an unknown field', body: { ...CLAIM, phone: '1' }, status: 422, path: '/verify' },
    { name: 'no years', body: { nid: '1' }, status: 422, path: '/verify/age' },
    { name: 'half a year', body: { nid: '1', years: 0.5 }, status: 422, path: '/verify/age' },
    { name: 'an unknown field', body: { nid: '1', years: 18, dob: '1' }, status: 422, path: '/verify/age' },
    { name: 'a huge body', body: { ...CLAIM, nid: '1'.repeat(20_000) }, status: 413, path: '/verify' },
  ])('$name at $path', async ({ body, status, path }) => {
    const response = await verify(body, path);
    expect(response.status).toBe(status);
    expect(system.queries).toBe(0);
    expect(response.text).not.toMatch(/Canary|Thandiwe|1990/);
  });

  test('a form', async () => {
    const response = await request(app).post('/verify').auth('openhim', 'right').type('form').send({ nid: '1' });
    expect(response.status).toBe(415);
  });
});

test('nothing of all this is in the log', () => {
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.join('\n')).not.toMatch(/Canary|Thandiwe|1990|4838629174620184|Bearer|right/);
});
