import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OsiaPeer } from '../../peers/osia-peer.js';
import { birthNumber } from '../../support/births.js';
import { type RunningService, startSettledService, tells } from '../../support/running-service.js';
import { until } from '../../support/until.js';
import { startWorld, type World } from '../../support/world.js';
import { CLIENT } from './set-up.js';

let world: World;
let osia: OsiaPeer;
let running: RunningService;

beforeAll(async () => {
  world = await startWorld();
  osia = await new OsiaPeer(CLIENT).start();
  osia.notification.topic('newPerson');
  running = await startSettledService(world, {
    NATIONAL_ID_SYSTEM: 'osia',
    OSIA_BASE_URL: osia.baseUrl,
    OSIA_TOKEN_URL: osia.tokenUrl,
    OSIA_CLIENT_ID: CLIENT.clientId,
    OSIA_CLIENT_SECRET: CLIENT.clientSecret,
    OSIA_NOTIFY: 'true',
    OSIA_SUBSCRIBE: 'newPerson',
    OSIA_CALLBACK_URL: `http://127.0.0.1:${world.port}`,
  });
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await osia.stop();
  await world.stop();
});

test('a birth that OpenCRVS tells is a person at the OSIA system, and settled', async () => {
  const { registrationNumber, body } = birthNumber(1);
  await world.opencrvs.deliver(body);
  await running.logged('event.settled', registrationNumber);

  const [person] = osia.population.all;
  expect(person && osia.population.attributesOf(person)).toMatchObject({ birthRegistrationNumber: registrationNumber });
  expect(osia.notification.published).toMatchObject([{ topic: 'liveBirth', message: { uin: person?.personId } }]);
});

test.each([
  { name: 'the UIN service is away', at: '/v1/uin', fault: { status: 503 } },
  { name: 'the registry is away after the number was given', at: '/reference', fault: { kind: 'reset' } },
] as const)('$name for a while: everything settles by itself, with one number each', async ({ at, fault }) => {
  const births = [1, 2, 3].map((serial) => birthNumber(at.length * 100 + serial));
  const before = osia.uins.length;
  osia.fail(at, fault);
  for (const { body } of births) await world.opencrvs.deliver(body);
  for (const { registrationNumber } of births) await running.logged('submit.retried', registrationNumber);
  osia.heal();
  for (const { registrationNumber } of births) await running.logged('event.settled', registrationNumber);
  expect(osia.uins).toHaveLength(before + births.length);
});

/** A birth whose number was lost on its way here: stuck, as nobody knows what became of it. */
async function lostBirth(serial: number): Promise<string> {
  const { registrationNumber, body } = birthNumber(serial);
  osia.fail('/v1/uin', { kind: 'cut' }, 1);
  await world.opencrvs.deliver(body);
  await running.logged('event.stuck', registrationNumber);
  return registrationNumber;
}

test('a number whose answer was lost is asked for by nobody any more', async () => {
  const before = osia.uins.length;
  const registrationNumber = await lostBirth(9000);
  expect(running.lines.find((line) => line.includes(registrationNumber) && line.includes('event.stuck'))).toContain(
    'outcome_unknown',
  );
  expect(osia.uins).toHaveLength(before + 1);
});

describe('a subscription at the notification engine', () => {
  const UIN = '7700112233';
  const notifications = () => osia.notification.deliveries.filter(({ type }) => type === 'Notification');
  const callbacks = async (outcome: string): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${world.port}/metrics`)).text();
    const pattern = new RegExp(`^mediator_national_id_callbacks_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm');
    return Number(pattern.exec(text)?.[1] ?? 0);
  };

  test('is made and confirmed, by the token alone', async () => {
    await osia.until(() => osia.notification.subscriptions[0]?.active === true);
    running.clock.jump(5_000);
    await running.checked('osia-notification', 'ok');
    const [subscription, ...others] = osia.notification.subscriptions;
    expect(others).toEqual([]);
    expect(subscription).toMatchObject({
      active: true,
      address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/national-id\/callback\/[\w-]{43}$/),
    });
    expect(osia.requestsTo('/confirm').map(({ query }) => [...query.keys()])).toEqual([['token']]);
  });

  test('a hint wakes a birth of which nobody knew what became: it settles with one identity', async () => {
    const registrationNumber = await lostBirth(9001);
    const before = osia.uins.length;
    osia.population.add(UIN, { birthRegistrationNumber: registrationNumber });
    osia.notification.tell('newPerson', UIN);
    await running.logged('event.settled', registrationNumber);

    expect(osia.uins).toHaveLength(before);
    const holders = osia.population.all.filter(
      (person) => osia.population.attributesOf(person)['birthRegistrationNumber'] === registrationNumber,
    );
    expect(holders).toMatchObject([{ personId: UIN }]);
    expect(await callbacks('matched')).toBe(1);
  });

  test('the same message once more is answered and starts nothing', async () => {
    const asked = osia.requestsTo(`/v1/persons/${UIN}`).length;
    await osia.notification.repeat();
    await running.logged('callback.repeated');
    expect(notifications().map(({ status }) => status)).toEqual([200, 200]);
    expect(osia.requestsTo(`/v1/persons/${UIN}`)).toHaveLength(asked);
  });

  test('a hint about somebody whose event is over, or whom nobody knows, is counted and no more', async () => {
    const before = osia.uins.length;
    osia.notification.tell('newPerson', UIN);
    osia.notification.tell('newPerson', '7700112244');
    await until(async () => (await callbacks('unmatched')) === 2, 'both are counted');
    expect(osia.uins).toHaveLength(before);
    expect(await callbacks('matched')).toBe(1);
  });

  test('what comes to another address is not found, and not stored', async () => {
    const address = osia.notification.subscriptions[0]?.address ?? '';
    const stored = running.lines.filter((line) => tells(line, 'callback.accepted')).length;
    const flipped = address.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const headers = {
      'content-type': 'application/json',
      'message-type': 'Notification',
      'message-id': 'forged',
      'topic-id': 'x',
    };
    const statuses: number[] = [];
    for (const url of [flipped, `${address}A`, address.replace(/[^/]+$/, 'x')]) {
      const body = JSON.stringify({ uin: UIN });
      statuses.push((await fetch(url, { method: 'POST', headers, body })).status);
    }
    expect(statuses).toEqual([404, 404, 404]);
    expect(running.lines.filter((line) => tells(line, 'callback.accepted'))).toHaveLength(stored);
  });

  test('that is lost is made again, once it is looked for; a confirmation that failed comes again', async () => {
    const [lost] = osia.notification.subscriptions;
    const sent = osia.notification.deliveries.length;
    osia.notification.forgetSubscriptions();
    osia.fail('/confirm', { status: 503 }, 1);
    running.clock.jump(5 * 60_000);
    await osia.until(() => osia.notification.deliveries.length > sent);
    expect(osia.notification.deliveries.at(-1)).toMatchObject({ type: 'SubscriptionConfirmation', status: 503 });
    expect(osia.notification.subscriptions).toMatchObject([{ active: false }]);

    await osia.notification.redeliver();
    expect(osia.notification.deliveries.at(-1)).toMatchObject({ type: 'SubscriptionConfirmation', status: 200 });
    expect(osia.notification.subscriptions).toMatchObject([{ active: true }]);
    expect(osia.notification.subscriptions).toMatchObject([{ address: lost?.address }]);
  });

  test('leaves no number, token or address in log, metrics and readiness', async () => {
    const secret = osia.notification.subscriptions[0]?.address.split('/').at(-1) ?? 'none';
    const tokens = osia.requestsTo('/confirm').map(({ query }) => query.get('token') ?? 'none');
    const metrics = await (await fetch(`http://127.0.0.1:${world.port}/metrics`)).text();
    const shown = [...running.lines, metrics, JSON.stringify(await running.readiness())].join('\n');
    expect([UIN, '7700112244', secret, ...tokens].filter((canary) => shown.includes(canary))).toEqual([]);
    expect(tokens).toHaveLength(3);
  });
});
