import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { NotificationDoor } from '../../../src/national-id/index.js';
import { json } from '../../peers/http-peer.js';
import { type OsiaStage, setStage } from './set-up.js';

const SECRET = 'a-secret-part-of-the-address';
const UIN = '7700112233';
const { signal } = new AbortController();

let stage: OsiaStage;
let door: NotificationDoor;

beforeAll(async () => {
  const address = `http://127.0.0.1:9/national-id/callback/${SECRET}`;
  stage = await setStage({ settings: { subscription: { topics: ['newPerson'], address, secret: SECRET } } });
  if (stage.system.notifications === undefined) throw new Error('the adapter has no door');
  door = stage.system.notifications;
  stage.peer.population.add(UIN, { birthRegistrationNumber: '2024B1' });
  stage.peer.population.add('42', { firstName: 'Thandiwe' });
});
afterAll(() => stage.close());
beforeEach(() => stage.peer.heal());

const headers = (type: string, id = 'm1') => ({ 'message-type': type, 'message-id': id, 'topic-id': 't1' });
const bytes = (body: unknown): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const wrapped = (message: unknown): Buffer => bytes({ type: 'Notification', message: JSON.stringify(message) });
const confirm = (token: string) =>
  door.receive(
    headers('SubscriptionConfirmation'),
    bytes({ type: 'SubscriptionConfirmation', token, confirmURL: `${stage.peer.url}/elsewhere?token=${token}` }),
    signal,
  );

test('there is no door, and no right is asked for, where we subscribe to nothing', async () => {
  const silent = await setStage();
  expect(silent.system.notifications).toBeUndefined();
  await silent.close();
});

test.each([
  { given: SECRET, is: true },
  { given: `${SECRET}x`, is: false },
  { given: SECRET.slice(1), is: false },
  { given: SECRET.toUpperCase(), is: false },
  { given: 'é'.repeat(SECRET.length), is: false },
  { given: '', is: false },
])('"$given" is the secret: $is', ({ given, is }) => {
  expect(door.isSecret(given)).toBe(is);
});

describe('a confirmation', () => {
  const token = (): string => {
    const { notification } = stage.peer;
    notification.forgetSubscriptions();
    notification.topic('newPerson');
    notification.subscribe('newPerson', 'http://127.0.0.1:9/');
    return notification.tokens[0] ?? '';
  };

  test('is made by the token at the address of our settings, never at one that it names', async () => {
    const before = stage.peer.received.length;
    expect(await confirm(token())).toBeUndefined();
    expect(stage.peer.notification.subscriptions).toMatchObject([{ active: true }]);
    const paths = stage.peer.received.slice(before).map(({ path }) => path);
    expect(paths.filter((path) => path !== '/oauth/token')).toEqual(['/osia/v1/subscriptions/confirm']);
  });

  test('that comes again with a token that is used up is taken, so that it ends', async () => {
    const used = token();
    await confirm(used);
    expect(await confirm(used)).toBeUndefined();
    expect(stage.lines.join('')).toContain('subscription.token_refused');
  });

  test.each([
    { name: 'is away', fault: { status: 503 }, code: 'peer_unavailable' },
    { name: 'denies us the right', fault: { status: 403 }, code: 'national_id_misconfigured' },
  ])('is not taken where the engine $name: it comes again', async ({ fault, code }) => {
    stage.peer.fail('/confirm', fault);
    await expect(confirm(token())).rejects.toMatchObject({ code });
  });
});

describe('a message', () => {
  test('is known by its id, whatever characters are in it', async () => {
    const take = (id: string) => door.receive(headers('Notification', id), bytes({ uin: UIN }), signal);
    const [first, again, other] = [await take('m1'), await take('m1'), await take('x'.repeat(5_000))];
    expect(first).toEqual(again);
    expect(other?.deliveryId).toMatch(/^[0-9a-f]{64}$/);
    expect(other).not.toEqual(first);
  });

  const kind = 'Notification';
  test.each<{ name: string; given: Record<string, string>; body: unknown; code: string }>([
    { name: 'without headers', given: {}, body: {}, code: 'headers_missing' },
    { name: 'without an id', given: { ...headers(kind), 'message-id': '' }, body: {}, code: 'headers_missing' },
    { name: 'of another kind', given: headers('Unsubscribe'), body: {}, code: 'payload_invalid' },
    { name: 'that is no JSON', given: headers(kind), body: '{"uin":"Canary', code: 'json_invalid' },
    { name: 'that is a list', given: headers(kind), body: [], code: 'payload_invalid' },
    {
      name: 'that confirms nothing',
      given: headers('SubscriptionConfirmation'),
      body: { token: '' },
      code: 'payload_invalid',
    },
  ])('$name is refused: $code', async ({ given, body, code }) => {
    await expect(door.receive(given, bytes(body), signal)).rejects.toMatchObject({ code, disposition: 'refused' });
  });
});

describe('a hint', () => {
  const identity = (value: string) => ({ kind: 'identity', value });

  test.each([
    { form: "in the engine's wrapping", body: wrapped({ source: 'x', uin: UIN }) },
    { form: 'as the publisher sent it', body: bytes({ source: 'x', uin: UIN }) },
  ])('$form names the person, and the registration that the registry has for them', async ({ body }) => {
    const about = [identity(UIN), { kind: 'birth-registration', value: '2024B1' }];
    expect(await door.read(body)).toEqual({ about });
  });

  test.each([
    { name: 'somebody without a registration', uin: '42' },
    { name: 'somebody whom the registry does not know', uin: '43' },
  ])('about $name is about their number alone', async ({ uin }) => {
    expect(await door.read(wrapped({ uin }))).toEqual({ about: [identity(uin)] });
  });

  test.each([
    { name: 'no number', body: wrapped({ uin1: UIN }) },
    { name: 'a way to another address', body: wrapped({ uin: '../../v1/uin' }) },
    { name: 'a number that is none', body: wrapped({ uin: 42 }) },
    { name: 'any text', body: bytes({ message: 'Somebody was born.' }) },
  ])('with $name is about nobody, and asks nobody', async ({ body }) => {
    const before = stage.peer.received.length;
    expect(await door.read(body)).toEqual({ about: [] });
    expect(stage.peer.received).toHaveLength(before);
  });

  test('waits while the registry is away', async () => {
    stage.peer.fail(`/v1/persons/${UIN}`, json({ code: 1, message: UIN }, 503));
    await expect(door.read(wrapped({ uin: UIN }))).rejects.toMatchObject({ disposition: 'retry' });
  });
});
