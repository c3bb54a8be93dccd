import { afterEach, describe, expect, test } from '@jest/globals';
import type { MediatorError } from '../../src/errors/index.js';
import type { Delivery, DeliveryResult } from '../../src/opencrvs/index.js';
import { recordingCalls } from '../../src/outbound/index.js';
import type { Outcome, RegistrationKind } from '../../src/vital-events/index.js';
import type { Fault } from '../peers/http-peer.js';
import type { Bench, Way } from './write-back/bench.js';
import { BIRTH, CONFIRMED, DEATH, ISSUED, NATIONAL_ID, PERSONAL, REFUSED } from './write-back/deliveries.js';
import { WAYS } from './write-back/ways.js';

const QUOTED = PERSONAL.join(' ');

const EVENTS = { birth: BIRTH, death: DEATH };

let bench: Bench | undefined;
afterEach(() => bench?.close());

async function open(way: Way, mapping?: string) {
  const opened = await way.open(mapping);
  bench = opened;
  const deliver = (kind: RegistrationKind, outcome: Outcome): Promise<DeliveryResult> => {
    const { signal } = new AbortController();
    const delivery: Delivery = { event: EVENTS[kind], outcome, outwardKey: 'aid-1', signal };
    return opened.writeBack.deliver({ ...delivery, replyTo: opened.replyTo(kind) });
  };
  return { ...opened, deliver };
}

/** What becomes of a birth that was issued: its error, or undefined. */
const errorOf = (delivered: Promise<DeliveryResult>): Promise<MediatorError | undefined> =>
  delivered.then(() => undefined).catch((thrown: MediatorError) => thrown);

/** What a registration that was told once without trouble leaves in OpenCRVS. */
async function heldAfterOnce(way: Way): Promise<unknown> {
  const { deliver, held, close } = await open(way);
  await deliver('birth', ISSUED);
  const once = held('birth');
  await close();
  return once;
}

const OUTCOMES = [
  { told: 'birth', kind: 'birth', outcome: ISSUED },
  { told: 'death', kind: 'death', outcome: CONFIRMED },
  { told: 'refusal', kind: 'birth', outcome: REFUSED },
] as const;

const CASES = WAYS.flatMap((way) => OUTCOMES.map((outcome) => ({ way, name: way.name, ...outcome })));

test.each(CASES)('$name: a $told is told, or there is no place for it', async ({ way, told, kind, outcome }) => {
  const { deliver } = await open(way);
  const result = await deliver(kind, outcome);
  const note = expect.stringMatching(/^\S.{20,}\.$/);
  expect(result).toEqual(way.takes[told] ? { result: 'delivered' } : { result: 'not-offered', note });
});

test.each(CASES)('$name: a $told told again changes nothing', async ({ way, kind, outcome }) => {
  const { deliver, held } = await open(way);
  const first = await deliver(kind, outcome);
  const once = held(kind);
  expect(await deliver(kind, outcome)).toEqual(first);
  expect(held(kind)).toEqual(once);
});

describe.each(WAYS.filter(({ token }) => token !== 'none'))('$name', (way) => {
  test('a birth is written once, without the national ID itself where something stands for it', async () => {
    const { deliver, numbers, peer, isWrite } = await open(way);
    expect(numbers()).toEqual([]);
    await deliver('birth', ISSUED);
    expect(numbers()).toHaveLength(1);
    expect(numbers()).not.toContain(NATIONAL_ID);
    expect(peer?.received.filter(isWrite)).toHaveLength(1);
  });

  test.each([
    { name: 'no connection', fault: { kind: 'reset' }, code: 'peer_unreachable', unanswered: true },
    { name: 'no answer', fault: { kind: 'hang' }, code: 'peer_timeout', unanswered: true },
    { name: 'work done and no answer', fault: { kind: 'hang-after' }, code: 'peer_timeout', unanswered: true },
    { name: 'work done and half an answer', fault: { kind: 'cut' }, code: 'peer_response_invalid', unanswered: true },
    { name: 'HTTP 503', fault: { status: 503, body: QUOTED }, code: 'peer_unavailable', unanswered: true },
    { name: 'HTTP 429', fault: { status: 429, body: QUOTED }, code: 'peer_unavailable', unanswered: false },
    { name: 'HTTP 500', fault: { status: 500, body: QUOTED }, code: 'peer_error', unanswered: false },
  ] satisfies { name: string; fault: Fault; code: string; unanswered: boolean }[])(
    '$name is tried again, and then all is as if it had been told once',
    async ({ fault, code, unanswered }) => {
      const once = await heldAfterOnce(way);
      const { deliver, held, peer, isWrite } = await open(way);
      peer?.fail(isWrite, fault, 1);
      await expect(deliver('birth', ISSUED)).rejects.toMatchObject({ code, disposition: 'retry', unanswered });
      expect(await deliver('birth', ISSUED)).toEqual({ result: 'delivered' });
      expect(held('birth')).toEqual(once);
    },
  );

  test('a peer that is down is tried again when it is back', async () => {
    const { deliver, numbers, peer } = await open(way);
    await peer?.stop();
    const error = { code: 'peer_unreachable', disposition: 'retry', unanswered: true };
    await expect(deliver('birth', ISSUED)).rejects.toMatchObject(error);
    await peer?.start();
    expect(await deliver('birth', ISSUED)).toEqual({ result: 'delivered' });
    expect(numbers()).toHaveLength(1);
  });

  test('an answer that is not understood is no success', async () => {
    const { deliver, peer } = await open(way);
    peer?.fail(() => true, { kind: 'garbage' });
    const error = await errorOf(deliver('birth', ISSUED));
    const notUnderstood = expect.objectContaining({ code: 'peer_response_invalid', disposition: 'retry' });
    expect(error).toEqual(way.name === 'none' ? undefined : notUnderstood);
  });

  test('a refused token: a new one of ours, never the same again', async () => {
    const { deliver, numbers, peer } = await open(way);
    peer?.fail(() => true, { status: 401 }, 1);
    const error = await errorOf(deliver('birth', ISSUED));
    if (way.token === 'system') {
      expect(error).toBeUndefined();
      expect(numbers()).toHaveLength(1);
    } else {
      expect(error?.code).toMatch(/^(peer_unauthorized|write_back_refused)$/);
      expect(peer?.received).toHaveLength(1);
    }
  });

  test('tokens refused again and again are asked for twice at most', async () => {
    const { deliver, peer } = await open(way);
    peer?.fail(() => true, { status: 401 });
    const error = await errorOf(deliver('birth', ISSUED));
    expect(error?.code).toMatch(way.token === 'system' ? /^peer_unauthorized$/ : /^(peer_unauth|write_back_ref)/);
    expect(peer?.received).toHaveLength(way.token === 'system' ? 2 : 1);
  });

  test('a rejection for good needs a person, and nothing is written', async () => {
    const { deliver, numbers, refuse } = await open(way);
    refuse();
    const error = { code: 'write_back_refused', disposition: 'operator' };
    await expect(deliver('birth', ISSUED)).rejects.toMatchObject(error);
    expect(numbers()).toEqual([]);
  });

  test.each([
    { name: 'success', fault: undefined },
    { name: 'a quoting error', fault: { status: 500, body: QUOTED } },
    { name: 'a quoting refusal', fault: { status: 422, body: QUOTED } },
    { name: 'a quoting answer in place of JSON', fault: { status: 200, body: QUOTED } },
    {
      name: 'quoting errors in HTTP 200',
      fault: { status: 200, body: JSON.stringify({ errors: [{ message: QUOTED }], data: null }) },
    },
  ])('nothing personal in errors, logs, addresses and records of calls: $name', async ({ fault }) => {
    const { deliver, peer, lines } = await open(way);
    if (fault !== undefined) peer?.fail(() => true, fault);
    const { calls, result } = await recordingCalls(async () => {
      const ends = OUTCOMES.map(({ kind, outcome }) => deliver(kind, outcome).catch((thrown: unknown) => thrown));
      return Promise.all(ends);
    });
    const told = result.map((end) =>
      end instanceof Error ? `${end.stack} ${String(end.cause)}` : JSON.stringify(end),
    );
    const addresses = peer?.received.map(({ path, rawQuery }) => `${path}?${rawQuery}`) ?? [];
    const seen = [...told, ...lines, ...addresses, JSON.stringify(calls)].join('\n');
    expect(calls.length).toBeGreaterThan(0);
    for (const personal of PERSONAL) expect(seen).not.toContain(personal);
  });

  test('the mapping decides what is written: the number itself', async () => {
    const { deliver, numbers } = await open(way, way.mappings.nationalId);
    expect(await deliver('birth', ISSUED)).toEqual({ result: 'delivered' });
    expect(numbers()).toEqual([NATIONAL_ID]);
  });

  test('the mapping decides what is written: nothing', async () => {
    const { deliver, numbers } = await open(way, way.mappings.nothing);
    expect((await deliver('birth', ISSUED)).result).toMatch(/^(delivered|not-offered)$/);
    expect(numbers()).toEqual([]);
  });

  test.each([
    { name: 'of another shape', text: '"just a text"' },
    { name: 'that fails', text: '$error("no")' },
  ])('a mapping $name needs a person, and nothing is called', async ({ text }) => {
    const { deliver, peer } = await open(way, text);
    const error = { code: 'mapping_failed', disposition: 'operator' };
    await expect(deliver('birth', ISSUED)).rejects.toMatchObject(error);
    expect(peer?.received).toEqual([]);
  });
});
