import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import type { Submission } from '../../../src/national-id/index.js';
import type { Fault, ReceivedRequest } from '../../peers/http-peer.js';
import { json } from '../../peers/http-peer.js';
import { BIRTH, CHILD, type OsiaStage, type OsiaStageOptions, setStage } from './set-up.js';

let stage: OsiaStage;
beforeEach(() => begin());
afterEach(() => stage.close());

async function begin(options?: OsiaStageOptions): Promise<void> {
  stage = await setStage(options);
}

async function beginAnew(options: OsiaStageOptions): Promise<void> {
  await stage.close();
  await begin(options);
}

const birth = (facts?: Partial<Submission>): Submission => stage.submission(BIRTH, facts);
const issue = (facts?: Partial<Submission>) => stage.system.issue(birth(facts));
const repeat = () => issue({ repeated: true });
const kept = (): unknown => birth().progress?.kept;

const ISSUED = { result: 'issued', identity: { nationalId: '6271936581' } };
const UIN = '/v1/uin';
const isCreate = ({ method, path }: ReceivedRequest): boolean => method === 'POST' && /\/persons\/\w+$/.test(path);
const isIdentity = ({ method, path }: ReceivedRequest): boolean => method === 'POST' && /\/identities\/\w+$/.test(path);
const isReference = ({ path }: ReceivedRequest): boolean => path.endsWith('/reference');

test('a birth gets a number, a person under it, and an identity that is the reference', async () => {
  expect(await issue()).toEqual(ISSUED);

  const attributes = {
    birthRegistrationNumber: '2024B1',
    firstName: 'Thandiwe Zoë',
    lastName: 'Canary',
    dateOfBirth: '2024-01-28',
    gender: 'F',
  };
  const { outwardKey } = birth();
  const [person, ...others] = stage.peer.population.all;
  expect(others).toEqual([]);
  expect(person).toEqual({
    personId: '6271936581',
    state: { status: 'ACTIVE', physicalStatus: 'ALIVE' },
    identities: new Map([
      [outwardKey, { identityType: 'CIVIL_REGISTRATION', status: 'VALID', biographicData: attributes }],
    ]),
    reference: outwardKey,
  });
  const [asked] = stage.peer.requestsTo(UIN);
  expect(JSON.parse(String(asked?.body))).toEqual(attributes);
  expect(asked?.query.get('transactionId')).toBe(outwardKey);
  expect(stage.health.readiness().checks['osia']?.state).toBe('ok');
});

describe('one number, whatever breaks off', () => {
  const AFTER_THE_NUMBER: readonly { name: string; at: (request: ReceivedRequest) => boolean }[] = [
    { name: 'the person', at: isCreate },
    { name: 'the identity', at: isIdentity },
    { name: 'the reference', at: isReference },
  ];
  const FAULTS: readonly { fault: string; how: Fault }[] = [
    { fault: 'is refused for now', how: { status: 503 } },
    { fault: 'is lost on its way', how: { kind: 'reset' } },
    { fault: 'has no answer', how: { kind: 'cut' } },
  ];

  test.each(AFTER_THE_NUMBER.flatMap((row) => FAULTS.map((fault) => ({ ...row, ...fault }))))(
    '$name $fault, and the mediator starts again',
    async ({ at, how }) => {
      stage.peer.fail(at, how, 1);
      await expect(issue()).rejects.toMatchObject({ disposition: 'retry' });

      expect(await stage.restarted().issue(birth({ repeated: true }))).toEqual(ISSUED);
      expect(stage.peer.uins).toHaveLength(1);
      expect(stage.peer.population.all).toMatchObject([{ reference: birth().outwardKey }]);
      expect(stage.peer.population.all[0]?.identities.size).toBe(1);
    },
  );

  test.each<{ name: string; fault: Fault }>([
    { name: 'no answer', fault: { kind: 'hang-after' } },
    { name: 'a cut answer', fault: { kind: 'cut' } },
    { name: 'an answer that cannot be read', fault: { kind: 'garbage' } },
    { name: 'a proxy that lost the answer', fault: { status: 504 } },
    { name: 'an error that is not its own', fault: { status: 500, body: 'oops' } },
    { name: 'success that is none', fault: json({ code: 3, message: 'x' }) },
  ])('the service gives $name: it is never asked again, a person must look', async ({ fault }) => {
    await beginAnew({ timeoutMs: 300 });
    stage.peer.fail(UIN, fault, 1);
    await expect(issue()).rejects.toMatchObject({ disposition: 'retry' });

    for (const system of [stage.system, stage.restarted()]) {
      await expect(system.issue(birth({ repeated: true }))).rejects.toMatchObject({ code: 'outcome_unknown' });
    }
    expect(stage.peer.requestsTo(UIN)).toHaveLength(1);
    expect(stage.peer.population.all).toEqual([]);
  });

  test('a service that enters the person itself is not asked again: the person is found', async () => {
    await beginAnew({ peer: { registers: true }, timeoutMs: 300 });
    stage.peer.fail(UIN, { kind: 'hang-after' }, 1);
    await expect(issue()).rejects.toMatchObject({ unanswered: true });

    expect(await repeat()).toEqual(ISSUED);
    expect(stage.peer.uins).toHaveLength(1);
  });

  test('where a lost number harms nobody another one is asked for', async () => {
    await beginAnew({ settings: { lostUin: 'ask-again' }, timeoutMs: 300 });
    stage.peer.fail(UIN, { kind: 'hang-after' }, 1);
    await expect(issue()).rejects.toMatchObject({ unanswered: true });

    expect(await repeat()).toEqual({ result: 'issued', identity: { nationalId: '6271936582' } });
    expect(stage.peer.population.all).toHaveLength(1);
  });

  test.each<{ name: string; fault: Fault }>([
    { name: 'not now', fault: { status: 503 } },
    { name: 'too many', fault: { status: 429, headers: { 'retry-after': '3' } } },
    { name: 'an error of its own', fault: json({ code: 3, message: 'no number can be made' }, 500) },
    { name: 'no', fault: { status: 401 } },
    { name: 'a page', fault: { status: 400, headers: { 'content-type': 'text/html' }, body: '<h1>400</h1>' } },
  ])('the service says "$name": it is asked again', async ({ fault }) => {
    stage.peer.fail(UIN, fault, 2);
    await expect(issue()).rejects.toMatchObject({ disposition: 'retry' });
    stage.peer.heal();

    expect(await repeat()).toEqual(ISSUED);
    expect(stage.peer.population.all).toHaveLength(1);
  });

  test('a service that cannot be reached was not asked', async () => {
    const nowhere = 'http://127.0.0.1:1';
    const { baseUrl: registry } = stage.peer;
    const addresses = { uin: nowhere, registry, 'data-access': registry, notification: registry };
    const tokenUrl = stage.peer.tokenUrl;
    const away = await setStage({
      settings: {
        addresses,
        client: { clientId: 'mediator', clientSecret: 'secret of the client', tokenUrl, sendIn: 'body' },
      },
    });
    const submission = birth();
    await expect(away.system.issue(submission)).rejects.toMatchObject({ code: 'peer_unreachable', unsent: true });
    await away.close();

    expect(kept()).toEqual({ asked: false });
    expect(await repeat()).toEqual(ISSUED);
  });

  test('what cannot be written down is not begun', async () => {
    const progress = { kept: undefined, keep: () => Promise.reject(new MediatorError('store_unavailable')) };
    await expect(issue({ progress })).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(stage.peer.requestsTo(UIN)).toEqual([]);
  });

  test('a caller that keeps nothing gets no repeat', async () => {
    await expect(issue({ progress: undefined, repeated: true })).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(await issue({ progress: undefined })).toEqual(ISSUED);
    expect(await issue({ progress: undefined, repeated: true })).toEqual(ISSUED);
  });

  test('after a restored backup the person is found by the number of the registration', async () => {
    await issue();
    expect(await issue({ progress: { kept: undefined, keep: async () => undefined } })).toEqual(ISSUED);
    expect(stage.peer.uins).toHaveLength(1);
  });
});

test('data that the registry finds wrong is a refusal; corrected, it keeps its number', async () => {
  stage.peer.fail(isIdentity, json({ code: 77, message: 'Thandiwe Canary' }, 400), 1);
  expect(await issue()).toEqual({
    result: 'refused',
    code: 'OSIA_77',
    reason: 'The OSIA system refused the data (HTTP 400).',
  });

  expect(await issue()).toEqual(ISSUED);
  expect(stage.peer.uins).toHaveLength(1);
});

test('a birth told again raises nobody who has died', async () => {
  await issue();
  const [person] = stage.peer.population.all;
  if (person !== undefined) person.state = { status: 'INACTIVE', physicalStatus: 'DEAD' };

  expect(await repeat()).toEqual(ISSUED);
  expect(person?.state).toEqual({ status: 'INACTIVE', physicalStatus: 'DEAD' });
});

describe('nobody gets the number of somebody else', () => {
  const STRANGER = { birthRegistrationNumber: '1999B9', firstName: 'Some', lastName: 'Body' };
  const taken = { code: 'national_id_misconfigured' };

  test('from a service that gives one twice', async () => {
    const stranger = stage.peer.population.add('42', STRANGER);
    stage.peer.nextUin = '42';
    await expect(issue()).rejects.toMatchObject(taken);
    expect(stranger.identities.size).toBe(1);
  });

  test('from a registry that ignores what is looked for', async () => {
    stage.peer.population.add('42', STRANGER);
    stage.peer.fail('/v1/persons', json([{ personId: '42' }]));
    await expect(issue()).rejects.toMatchObject(taken);
    const death = stage.submission({
      kind: 'death',
      registrationNumber: '2024D1',
      subject: { ...CHILD, identifiers: [{ type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B1' }] },
    });
    await expect(stage.system.deactivate(death)).rejects.toMatchObject(taken);
    expect(stage.peer.population.get('42')?.state.status).toBe('ACTIVE');
  });

  test.each([{ uin: '../42' }, { uin: '' }, { uin: '..' }])('nor one that is no number: "$uin"', async ({ uin }) => {
    stage.peer.nextUin = uin;
    await expect(issue()).rejects.toMatchObject({ code: 'peer_response_invalid' });
  });
});

test('several persons with the number of the registration are a refusal', async () => {
  for (const uin of ['41', '42']) stage.peer.population.add(uin, { birthRegistrationNumber: '2024B1' });
  expect(await issue()).toMatchObject({ result: 'refused', code: 'MULTIPLE_MATCHES' });
  expect(stage.peer.uins).toEqual([]);
});

test('a registry that cannot look is no registry without the person', async () => {
  stage.peer.fail('/v1/persons', { status: 404 });
  await expect(issue()).rejects.toMatchObject({ code: 'peer_misconfigured', disposition: 'operator' });
  expect(stage.peer.uins).toEqual([]);
});

test('a token without the scope is for an operator, and degrades the health', async () => {
  await beginAnew({ peer: { scopes: ['pr.person.read'] } });
  await expect(issue()).rejects.toMatchObject({
    code: 'national_id_misconfigured',
    message: expect.stringMatching(/scope/),
  });
  expect(stage.health.readiness().checks['osia']?.state).toBe('degraded');
});

test('wrong credentials are tried again', async () => {
  const { tokenUrl } = stage.peer;
  const client = { clientId: 'mediator', clientSecret: 'wrong', tokenUrl, sendIn: 'header' } as const;
  const wrong = await setStage({ settings: { client } });
  await expect(wrong.system.issue(birth())).rejects.toMatchObject({ code: 'peer_unauthorized', disposition: 'retry' });
  await wrong.close();
});
