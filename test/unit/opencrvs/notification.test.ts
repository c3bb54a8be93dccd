import { expect, test } from '@jest/globals';
import { parseNotification } from '../../../src/opencrvs/index.js';
import { healthNotification } from '../../support/notifications.js';

type Sent = ReturnType<typeof healthNotification>;

/** The notification with one entry's resource changed. */
function changed(index: number, change: object): object {
  const sent = healthNotification();
  const entry = sent.entry.map((item, at) =>
    at === index ? { ...item, resource: { ...item.resource, ...change } } : item,
  );
  return { ...sent, entry };
}

const withEntries = (change: (entry: Sent['entry']) => unknown[]): object => {
  const sent = healthNotification();
  return { ...sent, entry: change(sent.entry) };
};

test.each(['birth', 'death'] as const)('takes a %s notification as it is', (kind) => {
  const sent = healthNotification({ kind });
  expect(parseNotification(sent)).toEqual(sent);
});

test('leaves out what OpenCRVS would refuse: other members of the document', () => {
  const sent = healthNotification();
  const more = {
    ...sent,
    id: 'x',
    identifier: { value: 'y' },
    timestamp: '2024',
    meta: { ...sent.meta, versionId: '1' },
  };
  expect(parseNotification(more)).toEqual(sent);
});

test.each<{ name: string; body: unknown; part: RegExp }>([
  { name: 'no object', body: 'Thandiwe', part: /the body itself/ },
  { name: 'a collection', body: { ...healthNotification(), type: 'collection' }, part: /: type\./ },
  { name: 'no time', body: { ...healthNotification(), meta: {} }, part: /meta\.lastUpdated/ },
  { name: 'a time that is none', body: { ...healthNotification(), meta: { lastUpdated: 'Thandiwe' } }, part: /meta/ },
  {
    name: 'entries without end',
    body: { ...healthNotification(), entry: Array(100_000).fill(0) },
    part: /not allowed: entry\.$/,
  },
  { name: 'no entries', body: { ...healthNotification(), entry: [] }, part: /entry/ },
  { name: 'the Task first', body: withEntries(([a, b, ...more]) => [b, a, ...more]), part: /entry\.0\.resource/ },
  { name: 'a Task that is no draft', body: changed(1, { status: 'ready' }), part: /entry\.1\.resource\.status/ },
  {
    name: 'a Task about another document',
    body: changed(1, { focus: { reference: 'urn:x' } }),
    part: /focus\.reference/,
  },
  {
    name: 'an event that OpenCRVS 1.2 would take for a birth',
    body: changed(0, { type: { coding: [{ code: 'marriage-declaration' }] } }),
    part: /entry\.0\.resource\.type\.coding\.0\.code/,
  },
  { name: 'a Composition that is there already', body: changed(0, { id: 'stored' }), part: /entry\.0\.resource\.id/ },
  { name: 'a Patient that is there already', body: changed(2, { id: 'stored' }), part: /entry\.2\.resource\.id/ },
  {
    name: 'an address of its own in the store',
    body: withEntries((entry) => entry.map((item, at) => (at === 2 ? { ...item, fullUrl: 'Patient/stored' } : item))),
    part: /entry\.2\.fullUrl/,
  },
])('refuses $name, and names the part, not the value', ({ body, part }) => {
  const parse = () => parseNotification(body);
  expect(parse).toThrow(expect.objectContaining({ code: 'payload_invalid', message: expect.stringMatching(part) }));
  expect(parse).not.toThrow(/Thandiwe|stored/);
});
