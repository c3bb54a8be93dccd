import { afterEach, describe, expect, test } from '@jest/globals';
import type { RecordReaderOptions } from '../../../src/opencrvs/index.js';
import { filteredDocument, fullBundle, ID, without } from '../../support/opencrvs-shapes.js';
import { birthWith, delivered, RECORDS, type SearchSide, type Sent, startSearchSide } from './search-side.js';

const NEXT_DAY_MS = 14 * 3_600_000 + 1000;
const MINUTE_MS = 60_000;

let side: SearchSide | undefined;
afterEach(() => side?.stop());

async function start(options: Parameters<typeof startSearchSide>[0] = {}): Promise<SearchSide> {
  side = await startSearchSide(options);
  return side;
}

/** The parts as the whole record has them, in the webhook of 1.7 to 1.9. */
const whole = (kind: 'birth' | 'death') => delivered(kind, fullBundle(kind)).event;

const DEATH = (): Sent => delivered('death', filteredDocument('death'));

/** Without members that are undefined, as JSON has it. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('reading', () => {
  test.each([
    { version: '1.5', isBefore17: true },
    { version: '1.7', isBefore17: false },
  ])('a birth that came without its parents gets them by a search in $version', async ({ isBefore17 }) => {
    const { complete, gateway, asked, check } = await start();
    gateway.search.isBefore17 = isBefore17;
    const sent = birthWith();
    const event = await complete(sent);
    const { mother, father } = whole('birth');
    expect(plain(event)).toEqual(plain({ ...sent.event, mother, father }));
    expect(asked()).toEqual(['searchEvents', 'fetchRegistration']);
    expect(gateway.search.downloads).toEqual([ID.birthComposition]);
    expect(check('opencrvs-search')).toMatchObject({ state: 'ok', detail: '1 of 2000 searches are used today.' });
  });

  test('of a record only what is needed and lacking is fetched', async () => {
    const { complete, gateway } = await start({ parts: ['mother', 'father'] });
    const sent = birthWith(ID.mother);
    const event = await complete(sent);
    expect(event.mother).toEqual(sent.event.mother);
    expect(event.father).toMatchObject({ sourceId: ID.father });
    const fetched = String(gateway.received.at(-1)?.body);
    expect(fetched).toContain('father {');
    expect(fetched).not.toMatch(/mother|child|informant|eventLocation/);
  });

  test('place and informant are told as the whole record tells them; the telephone number stays', async () => {
    const { complete } = await start({ parts: ['informant', 'place'] });
    const sent = birthWith();
    const event = await complete(sent);
    const { informant, place } = whole('birth');
    expect(event.place).toMatchObject({ name: place?.name, type: place?.type });
    expect(sent.event.informant?.phone).toBeDefined();
    expect(event.informant).toMatchObject({
      ...sent.event.informant,
      relationship: informant?.relationship,
      person: { sourceId: ID.mother, names: informant?.person?.names, birthDate: informant?.person?.birthDate },
    });
  });

  test('a death gets the spouse', async () => {
    const { complete } = await start({ parts: ['spouse'] });
    const event = await complete(DEATH());
    expect(plain(event.spouse)).toEqual(plain(whole('death').spouse));
  });

  test('an event whose record lacks the part as well is asked about once', async () => {
    const { complete, gateway, asked } = await start();
    const bundle = without(fullBundle('birth'), ID.father);
    const { id, number } = RECORDS.birth;
    gateway.addRecord(id, { status: 'CERTIFIED', registrationNumbers: [number], bundle });
    const sent = birthWith(ID.mother);
    expect(await complete(sent)).toBe(sent.event);
    expect(await complete(sent)).toBe(sent.event);
    expect(asked()).toEqual(['searchEvents', 'fetchRegistration']);
  });

  const nothingToAsk: { name: string; parts: RecordReaderOptions['parts']; sent: () => Sent }[] = [
    { name: 'has all that is needed', parts: ['mother'], sent: () => birthWith(ID.mother) },
    {
      name: 'came whole (1.7 on)',
      parts: ['father'],
      sent: () => delivered('birth', without(fullBundle('birth'), ID.father)),
    },
    { name: 'cannot have the part', parts: ['spouse'], sent: () => birthWith() },
    { name: 'did not come by webhook', parts: ['mother'], sent: () => ({ ...birthWith(), raw: '{"id":"event"}' }) },
  ];
  test.each(nothingToAsk)('nothing is asked for an event that $name', async ({ parts, sent }) => {
    const { complete, asked } = await start({ parts });
    const given = sent();
    expect(await complete(given)).toBe(given.event);
    expect(asked()).toEqual([]);
  });

  test('another record that shares a word of the number is not touched', async () => {
    const { complete, gateway } = await start();
    const other = { id: 'other', event: 'birth', status: 'REGISTERED', trackingId: 'B000001' } as const;
    gateway.search.index.push({ ...other, registrationNumber: '2024BQX7T4N/2', changedAt: '2024-03-01T09:30:00Z' });
    expect((await complete(birthWith())).mother).toBeDefined();
    expect(gateway.search.downloads).toEqual([ID.birthComposition]);
  });

  test('a record with another number is not guessed at', async () => {
    const { complete, gateway } = await start();
    gateway.addRecord(RECORDS.birth.id, { status: 'REGISTERED', registrationNumbers: ['2024OTHER'] });
    await expect(complete(birthWith())).rejects.toMatchObject({ code: 'event_unreadable' });
  });
});

describe('what the index does not have yet', () => {
  test('is looked for again after a minute', async () => {
    const { complete, gateway } = await start();
    const [birth] = gateway.search.index.splice(0, 1);
    const sent = birthWith(ID.mother);
    const error = { code: 'peer_error', disposition: 'retry', retryAfterMs: MINUTE_MS };
    await expect(complete(sent)).rejects.toMatchObject(error);
    if (birth !== undefined) gateway.search.index.push(birth);
    expect((await complete(sent)).father).toBeDefined();
  });

  test('then an event that has a parent goes on; a child without one waits', async () => {
    const { complete, gateway } = await start();
    gateway.search.index.length = 0;
    const [one, none] = [birthWith(ID.mother), birthWith()];
    for (const sent of [one, none]) await expect(complete(sent)).rejects.toMatchObject({ code: 'peer_error' });
    expect(await complete(one)).toBe(one.event);
    await expect(complete(none)).rejects.toMatchObject({ code: 'peer_error' });
  });
});

describe('the quota', () => {
  test('of our own count is never exceeded; a child without parents waits for the next day', async () => {
    const { complete, gateway, clock, check } = await start({ dailyQuota: 1 });
    await complete(DEATH());
    await expect(complete(birthWith())).rejects.toMatchObject({
      code: 'peer_quota_used',
      disposition: 'retry',
      retryAfterMs: NEXT_DAY_MS,
    });
    expect(gateway.search.counted).toBe(1);
    expect(check('opencrvs-search')).toMatchObject({ state: 'degraded', detail: '1 of 1 searches are used today.' });
    await clock.advance(NEXT_DAY_MS);
    expect((await complete(birthWith())).mother).toBeDefined();
  });

  test('holds no event that misses something else, and the log says so', async () => {
    const { complete, lines, clock } = await start({ dailyQuota: 1, parts: ['mother', 'father', 'place'] });
    await complete(DEATH());
    const sent = birthWith(ID.mother);
    expect(await complete(sent)).toBe(sent.event);
    const [line, ...others] = lines.filter((text) => text.includes('record.part_unread'));
    expect(others).toEqual([]);
    expect(JSON.parse(line ?? '')).toMatchObject({ registrationNumber: '2024BQX7T4N', reason: 'peer_quota_used' });
    await clock.advance(NEXT_DAY_MS);
    expect((await complete(sent)).father).toBeDefined();
  });

  test.each([
    { version: '1.5', isBefore17: true },
    { version: '1.7', isBefore17: false },
  ])('of OpenCRVS itself is believed in $version: no further search before tomorrow', async ({ isBefore17 }) => {
    const { complete, gateway, asked, check } = await start();
    Object.assign(gateway.search, { isBefore17, dailyQuota: 0 });
    for (const _ of [1, 2]) await expect(complete(birthWith())).rejects.toMatchObject({ code: 'peer_quota_used' });
    expect(asked()).toEqual(['searchEvents']);
    expect(check('opencrvs-search')).toMatchObject({ state: 'degraded' });
  });
});

describe('a gateway that fails', () => {
  test.each([
    { name: 'down', fault: { status: 503 }, code: 'peer_unavailable' },
    { name: 'reset', fault: { kind: 'reset' }, code: 'peer_unreachable' },
    { name: 'garbage', fault: { kind: 'garbage' }, code: 'peer_response_invalid' },
    { name: 'limited for a minute', fault: { status: 429 }, code: 'peer_unavailable' },
    { name: 'another service', fault: { status: 200, body: '{"data":{}}' }, code: 'peer_response_invalid' },
    {
      name: 'at fault behind',
      fault: { status: 200, body: '{"errors":[{"message":"Chipo Phiri"}],"data":null}' },
      code: 'peer_error',
    },
  ] as const)('$name: $code, to be tried again by any event', async ({ fault, code }) => {
    const { complete, gateway, check } = await start();
    gateway.fail('/graphql', fault, 1);
    const message = expect.not.stringContaining('Chipo');
    await expect(complete(birthWith(ID.mother))).rejects.toMatchObject({ code, message, disposition: 'retry' });
    expect(check('opencrvs-search')).toMatchObject({ state: 'degraded' });
    expect((await complete(birthWith(ID.mother))).father).toBeDefined();
    expect(check('opencrvs-search')).toMatchObject({ state: 'ok' });
  });

  test('a token that ran out is replaced', async () => {
    const { complete, system, auth } = await start({ parts: ['mother', 'spouse'] });
    await complete(birthWith());
    system.clockSkewMs = 3_600_000;
    expect((await complete(DEATH())).spouse).toBeDefined();
    expect(auth.tokenRequests).toBe(2);
  });

  test('a client that was deactivated, or is of another type, is told', async () => {
    const { complete, system, check } = await start();
    await complete(birthWith());
    system.status = 'deactivated';
    const sent = DEATH();
    await expect(complete(sent)).rejects.toMatchObject({ code: 'peer_unauthorized' });
    await side?.stop();
    const other = await start({ scopes: ['nationalId'] });
    await expect(other.complete(birthWith())).rejects.toMatchObject({ code: 'peer_unauthorized' });
    expect(other.check('opencrvs-search-token')).toMatchObject({ detail: expect.stringMatching(/recordsearch/) });
    expect(check('opencrvs-search')).toMatchObject({ state: 'degraded' });
  });
});

describe('listing', () => {
  const list = (since: string, until: string, page = 0) =>
    side?.search.listRegistrations(new Date(since), new Date(until), page, new AbortController().signal);

  test('gives the registrations of the days, by the index alone', async () => {
    const { gateway, asked } = await start();
    expect(await list('2024-02-19T23:00:00Z', '2024-02-29T00:00:00Z')).toEqual({
      registrations: [
        { recordId: ID.birthComposition, type: 'birth', registrationNumber: '2024BQX7T4N', trackingId: 'BQX7T4N' },
      ],
      hasMore: false,
    });
    expect(await list('2024-02-20', '2024-02-29')).toEqual({ registrations: [], hasMore: false });
    expect(asked()).toEqual(['searchEvents', 'searchEvents']);
    expect(String(gateway.received[0]?.body)).not.toMatch(/[nN]ame:|childName|DateOfBirth/);
  });

  test('goes page by page, the oldest first; each page is one search', async () => {
    const { gateway } = await start();
    const { index } = gateway.search;
    index.length = 0;
    for (let serial = 120; serial > 0; serial -= 1) {
      const number = `2024N${String(serial).padStart(3, '0')}`;
      const changedAt = new Date(Date.parse('2024-02-01T00:00:00Z') + serial * 60_000).toISOString();
      const common = { event: 'birth', status: 'REGISTERED', trackingId: `B${number}` } as const;
      index.push({ id: `r-${serial}`, registrationNumber: number, changedAt, ...common });
    }
    const pages = [];
    for (const page of [0, 1, 2]) pages.push(await list('2024-02-01', '2024-02-02', page));
    expect(pages.map((page) => [page?.registrations.length, page?.hasMore])).toEqual([
      [50, true],
      [50, true],
      [20, false],
    ]);
    const numbers = pages.flatMap((page) => page?.registrations.map(({ registrationNumber }) => registrationNumber));
    expect(numbers).toEqual(numbers.toSorted());
    expect(new Set(numbers).size).toBe(120);
    expect(gateway.search.counted).toBe(3);
  });

  test('stops where the searches of the day are used up', async () => {
    await start({ dailyQuota: 1 });
    await list('2024-02-19', '2024-02-29');
    await expect(list('2024-02-19', '2024-02-29')).rejects.toMatchObject({ code: 'peer_quota_used' });
  });
});
