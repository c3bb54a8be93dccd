import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { birth } from '../../support/pipeline-harness.js';
import { until } from '../../support/until.js';
import { everyPlace, OPERATORS, type OperatorStage, startOperatorStage } from './set-up.js';

const NOWHERE = '00000000-0000-4000-8000-000000000000';
const refusedSettings = () => [
  { setting: 'LOG_LEVEL', expected: 'one of debug, info, warn, error' },
  { setting: 'strange', expected: 'a setting that this version has' },
];
let stage: OperatorStage;
let ids: Awaited<ReturnType<typeof everyPlace>>;

beforeAll(async () => {
  stage = await startOperatorStage({ refusedSettings });
  ids = await everyPlace(stage.harness);
}, 60_000);
afterAll(() => stage.stop());

const basicOf = (password: string) => `Basic ${Buffer.from(`${OPERATORS.username}:${password}`).toString('base64')}`;

describe('the lock', () => {
  test.each([
    { name: 'no credentials', headers: { authorization: '' }, status: 401, code: 'credentials_invalid' },
    { name: 'a wrong password', headers: { authorization: basicOf('x') }, status: 401, code: 'credentials_invalid' },
  ])('$name: $status, with a challenge', async ({ headers, status, code }) => {
    const answer = await stage.call('/summary', { headers });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  test.each([
    { name: 'a page of another site', headers: { 'sec-fetch-site': 'cross-site' } },
    { name: 'a sibling of our site', headers: { 'sec-fetch-site': 'same-site' } },
    { name: 'a link that was typed', headers: { 'sec-fetch-site': 'none' } },
    { name: 'an older browser elsewhere', headers: { origin: 'https://elsewhere.example' } },
    { name: 'a page without an origin', headers: { origin: 'null' } },
  ])('$name changes nothing', async ({ headers }) => {
    const call = { body: { reason: 'elsewhere' }, headers };
    expect(await stage.call(`/events/${ids.stuck}/close`, call)).toMatchObject({
      status: 403,
      body: { code: 'cross_origin_refused' },
    });
    expect((await stage.harness.event('E-stuck'))?.state).toBe('stuck');
  });

  test('our own page may, and so may what is no browser', async () => {
    const search = { body: { term: 'E-stuck' } };
    for (const headers of [{ origin: stage.url }, { 'sec-fetch-site': 'same-origin' }, {}]) {
      expect((await stage.call('/events/search', { ...search, headers })).status).toBe(200);
    }
  });

  test('a form is not JSON', async () => {
    const call = { body: 'reason=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    expect((await stage.call(`/events/${ids.stuck}/close`, call)).status).toBe(415);
  });
});

describe('looking', () => {
  test.each([
    { name: 'by state', query: 'state=stuck', numbers: ['E-stuck'] },
    {
      name: 'by several states',
      query: 'state=stuck,refused&state=settled',
      numbers: ['E-settled', 'E-refused', 'E-stuck'],
    },
    { name: "by the other system's code", query: 'code=IDS-007', numbers: ['E-refused'] },
    { name: 'by kind and age', query: 'kind=birth&olderThanHours=1', numbers: [] },
    { name: 'by registration number', query: 'registrationNumber=E-waiting', numbers: ['E-waiting'] },
    { name: 'by what is not its registration number', query: 'registrationNumber=BE-waiting', numbers: [] },
  ])('lists $name', async ({ query, numbers }) => {
    const { status, headers, body } = await stage.call(`/events?${query}`);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({ events: numbers.map((number) => expect.objectContaining({ registrationNumber: number })) });
  });

  test.each([
    { name: 'the newest first', order: 'newest', numbers: ['E-stuck', 'E-refused', 'E-waiting', 'E-settled'] },
    { name: 'the oldest first', order: 'oldest', numbers: ['E-settled', 'E-waiting', 'E-refused', 'E-stuck'] },
  ])('goes through the pages, $name', async ({ order, numbers }) => {
    const seen: unknown[] = [];
    let after = '';
    for (;;) {
      const { body } = await stage.call(`/events?order=${order}&limit=3&count=true${after}`);
      const page = body as { events: { registrationNumber: string }[]; next?: string; count: number };
      expect(page.count).toBe(4);
      seen.push(...page.events.map(({ registrationNumber }) => registrationNumber));
      if (page.next === undefined) break;
      after = `&after=${page.next}`;
    }
    expect(seen).toEqual(numbers);
  });

  test.each([
    { name: 'state', query: 'state=lost' },
    { name: 'limit', query: 'limit=501' },
    { name: 'after', query: 'after=1%20or%201' },
    { name: 'a field that is not known', query: 'name=Canary' },
    { name: 'a field that is not known', query: 'registrationNumber=X&state=stuck' },
  ])('a query at fault is named without its values: $query', async ({ name, query }) => {
    const { status, body } = await stage.call(`/events?${query}`);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { code: 'request_invalid', detail: `Not valid: ${name}.` },
    });
  });

  test.each(['E-settled', 'BE-settled', '65d3c1f1a2b3c4d5e6f70809'])('finds an event by %s', async (term) => {
    const { body } = await stage.call('/events/search', { body: { term } });
    expect(body).toEqual({ events: [expect.objectContaining({ id: ids.settled })] });
  });

  test.each([
    { place: 'settled', where: /finished/, why: undefined, todo: /^Nothing/, next: { step: 'none' }, allowed: [] },
    {
      place: 'waiting',
      where: /has not answered/,
      why: undefined,
      todo: /^Nothing/,
      next: { step: 'expire' },
      allowed: [],
    },
    {
      place: 'refused',
      where: /has refused/,
      why: /data is wrong/,
      todo: /Correct/,
      next: { step: 'none' },
      allowed: ['retry', 'close'],
    },
    {
      place: 'stuck',
      where: /has stopped/,
      why: /settings/,
      todo: /try again/,
      next: { step: 'none' },
      allowed: ['retry', 'close'],
    },
  ] as const)(
    'tells of a $place event where it is, why, and what to do',
    async ({ place, where, why, todo, next, allowed }) => {
      const { body } = await stage.call(`/events/${ids[place]}`);
      expect(body).toMatchObject({
        event: {
          id: ids[place],
          explanation: {
            where: expect.stringMatching(where),
            todo: expect.stringMatching(todo),
            ...(why === undefined ? {} : { why: expect.stringMatching(why) }),
          },
        },
        next,
        allowed,
      });
    },
  );

  test('the history holds each attempt with its time, step, outcome, code, duration and transaction', async () => {
    const settled = (await stage.call(`/events/${ids.settled}`)).body;
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    const durationMs = expect.any(Number);
    expect(settled).toMatchObject({
      history: [
        { at, step: 'accept', outcome: 'received', transactionId: ids.transactionId },
        { at, step: 'submit', outcome: 'issued', durationMs },
        { at, step: 'deliver', outcome: 'settled', durationMs },
      ],
    });
    const stuck = (await stage.call(`/events/${ids.stuck}`)).body;
    expect(stuck).toMatchObject({
      history: [
        { step: 'accept' },
        { step: 'submit', outcome: 'stuck', code: 'national_id_misconfigured', durationMs },
      ],
    });
  });

  test('a delivery that comes again in another transaction of OpenHIM is in the history', async () => {
    const transactionId = '65d3c1f1a2b3c4d5e6f7080a';
    await stage.harness.pipeline.accept({ ...birth('E-settled'), transactionId });
    const { body } = await stage.call(`/events/${ids.settled}`);
    expect(body).toMatchObject({
      history: expect.arrayContaining([
        expect.objectContaining({ step: 'accept', outcome: 'repeated', transactionId }),
      ]),
    });
  });

  test('the history outlives the personal data', async () => {
    await stage.harness.pipeline.accept(birth('E-erased'));
    await stage.harness.system.submitted('E-erased');
    const { id } = await stage.harness.reaches('E-erased', 'submitted');
    await stage.harness.sql.query(
      `update mediator.event set state = 'settled', settled_at = now() - interval '31 days', next_action_at = null,
         poll_at = null where id = $1`,
      [id],
    );
    await until(async () => {
      const { body } = await stage.call(`/events/${id}`);
      return (body as { event: { holdsData: boolean } }).event.holdsData === false;
    }, 'the data is erased');
    const { body } = await stage.call(`/events/${id}`);
    expect(body).toMatchObject({ history: [{ step: 'accept' }, { step: 'submit' }], allowed: [] });
  });

  test.each([NOWHERE, 'x', 'search'])('there is no event %s', async (id) => {
    expect(await stage.call(`/events/${id}`)).toMatchObject({ status: 404, body: { code: 'event_unknown' } });
  });
});

describe('how things stand', () => {
  test('the summary counts, and shows health, breakers and the last actions', async () => {
    stage.metrics.circuitOpen.set({ peer: 'mosip' }, 1);
    stage.metrics.circuitOpen.set({ peer: 'fhir' }, 0);
    const { body } = await stage.call('/summary');
    expect(body).toMatchObject({
      states: expect.arrayContaining([{ state: 'stuck', count: 1, oldestSeconds: expect.any(Number) }]),
      overdueSeconds: expect.any(Number),
      nationalIdSystem: 'fhir',
      submissionsPaused: false,
      health: { status: expect.any(String), checks: { store: { state: 'ok' } } },
      openBreakers: ['mosip'],
    });
  });

  test('the settings report names sources and problems, and no value', async () => {
    const { body } = await stage.call('/settings');
    expect(body).toEqual({
      settings: expect.arrayContaining([
        { name: 'NATIONAL_ID_SYSTEM', consoleName: expect.any(String), source: 'environment' },
        { name: 'LOG_LEVEL', consoleName: 'logLevel', source: 'default', problem: 'one of debug, info, warn, error' },
      ]),
      otherProblems: [{ name: 'strange', problem: 'a setting that this version has' }],
    });
    expect(JSON.stringify(body)).not.toMatch(/PASSWORD|SECRET|example/);
  });
});

describe('acting', () => {
  async function stuck(number: string): Promise<string> {
    const { system, pipeline, reaches } = stage.harness;
    system.when(number, async () => ({ result: 'not-supported' }));
    await pipeline.accept(birth(number));
    return (await reaches(number, 'stuck')).id;
  }

  test('an event is tried again, and the audit trail says by whom', async () => {
    const id = await stuck('A-1');
    stage.harness.system.when('A-1', async () => ({ result: 'confirmed' }));
    const { status, body } = await stage.call(`/events/${id}/retry`, {
      body: { by: 'Amina', reason: 'It works now.' },
    });
    expect({ status, body }).toMatchObject({ status: 200, body: { event: { id } } });
    await stage.harness.reaches('A-1', 'settled');
    expect((await stage.call('/audit?limit=1')).body).toMatchObject({
      audit: [{ actor: 'operators (Amina)', action: 'retry', eventId: id, reason: 'It works now.' }],
      next: expect.any(String),
    });
  });

  test('an event is closed, with a reason only', async () => {
    const id = await stuck('A-2');
    expect(await stage.call(`/events/${id}/close`, { body: {} })).toMatchObject({ status: 400 });
    const { body } = await stage.call(`/events/${id}/close`, { body: { reason: 'Done by hand.' } });
    expect(body).toMatchObject({ event: { state: 'closed', reason: 'Done by hand.' }, allowed: ['retry'] });
  });

  test.each([
    { name: 'is settled', action: 'retry', id: () => ids.settled, body: {}, status: 409, code: 'action_not_allowed' },
    {
      name: 'has moved on',
      action: 'close',
      id: () => ids.stuck,
      body: { reason: 'x', version: 99 },
      status: 409,
      code: 'action_not_allowed',
    },
    { name: 'does not exist', action: 'retry', id: () => NOWHERE, body: {}, status: 404, code: 'event_unknown' },
    {
      name: 'is told too much',
      action: 'retry',
      id: () => ids.stuck,
      body: { name: 'x' },
      status: 400,
      code: 'request_invalid',
    },
    { name: 'is told nothing', action: 'retry', id: () => ids.stuck, body: '', status: 400, code: 'json_invalid' },
  ])('nothing happens to an event that $name', async ({ action, id, body, status, code }) => {
    const call = { method: 'POST', body } as const;
    expect(await stage.call(`/events/${id()}/${action}`, call)).toMatchObject({ status, body: { code } });
  });

  test('many are closed at once, those that the filter names, up to the limit', async () => {
    for (const number of ['A-3', 'A-4', 'A-5']) await stuck(number);
    const order = { filter: { state: ['stuck'], code: ['not_supported'] }, limit: 2 };
    expect((await stage.call('/events/close', { body: order })).status).toBe(400);
    const call = { body: { ...order, reason: 'Done by hand.' } };
    expect((await stage.call('/events/close', call)).body).toEqual({ done: 2, skipped: {}, isWhole: false });
    expect((await stage.call('/events/close', call)).body).toEqual({ done: 1, skipped: {}, isWhole: true });
    expect((await stage.harness.event('E-stuck'))?.state).toBe('stuck');
  });

  test('many are tried again at once', async () => {
    const id = await stuck('A-6');
    stage.harness.system.when('A-6', async () => ({ result: 'confirmed' }));
    const call = { body: { filter: { code: ['not_supported'] }, limit: 10 } };
    expect((await stage.call('/events/retry', call)).body).toEqual({ done: 1, skipped: {}, isWhole: true });
    expect((await stage.harness.reaches('A-6', 'settled')).id).toBe(id);
  });
});

test('an event that waits for the searches of another day has not failed, however long it waits', async () => {
  const { system, pipeline, reaches, sql, historyOf } = stage.harness;
  let left = 3;
  system.when('Q-1', async () => {
    left -= 1;
    if (left === 1)
      await sql.query(`update mediator.event set failing_since = now() - interval '8 days' where id = $1`, [id]);
    if (left >= 0) throw new MediatorError('peer_quota_used');
    return { result: 'confirmed' };
  });
  const { id } = await pipeline.accept(birth('Q-1'));
  await reaches('Q-1', 'settled');
  const steps = (await historyOf(id)).filter(({ step }) => step === 'submit');
  expect(steps.map(({ outcome, code }) => code ?? outcome)).toEqual([...Array(3).fill('peer_quota_used'), 'issued']);
});

test('no answer holds anything personal', async () => {
  const paths = [
    '/summary',
    '/settings',
    '/audit',
    '/events?limit=500',
    ...Object.values(ids).map((id) => `/events/${id}`),
  ];
  const answers = await Promise.all(paths.map((path) => stage.call(path)));
  expect(JSON.stringify(answers.map(({ body }) => body))).not.toMatch(/canary|2024-01-28|female/i);
});

test('without credentials in the settings every route answers 503', async () => {
  const closed = await startOperatorStage({ isLocked: true });
  try {
    for (const path of ['/summary', '/events', `/events/${NOWHERE}`]) {
      expect(await closed.call(path)).toMatchObject({ status: 503, body: { code: 'not_configured' } });
    }
    expect(await closed.call('/events/search', { body: { term: 'x' } })).toMatchObject({ status: 503 });
  } finally {
    await closed.stop();
  }
}, 60_000);
