import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MediatorError } from '../../../../src/errors/index.js';
import { parseDelivery, readRecord } from '../../../../src/opencrvs/readers/index.js';
import { type Reading, VitalEvent } from '../../../../src/vital-events/index.js';
import { fullBundle, readWebhook, webhookBody, webhookBundle } from '../../../support/opencrvs-shapes.js';

const BIRTH = webhookBody('BIRTH_REGISTERED', webhookBundle('birth'));
const FULL_DEATH = webhookBody('DEATH_REGISTERED', fullBundle('death'));
const BODIES = [
  BIRTH,
  webhookBody('DEATH_REGISTERED', webhookBundle('death')),
  webhookBody('BIRTH_REGISTERED', fullBundle('birth')),
  FULL_DEATH,
];

/** Some of what the fixtures hold about people; no reason may repeat it. */
const PERSONAL = ['Thandiwe', "N'Guessan-Phiri", 'Chipo', '4407183925', '1996-09-03', 'Josephat', '1120457786'];

/** An event fits the canonical model; a reason holds nothing of a person. */
function check(result: Reading): void {
  if (result.ok) {
    expect(VitalEvent.safeParse(result.event).error).toBeUndefined();
    return;
  }
  expect(['event_unreadable', 'registration_number_missing']).toContain(result.code);
  expect(PERSONAL.filter((value) => result.reason.includes(value))).toEqual([]);
}

/** The paths of every value in a JSON document, the document's own included. */
function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, member]) => pathsOf(member).map((path) => [key, ...path]))];
}

/** The document with the value at `path` replaced; undefined takes it away. */
function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const member = replaced((value as Record<string, unknown>)[key], rest, by);
  if (!Array.isArray(value)) return { ...(value as object), [key]: member };
  return member === undefined ? value.toSpliced(Number(key), 1) : value.with(Number(key), member);
}

/** Words that a fault in a shape puts in the wrong place. */
const oddValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(undefined, null, '', ' ', '0', 'Patient', 'BIRTH', '__proto__', 'constructor', 1e300, [[]], {}),
  fc.constantFrom<unknown>([null], { coding: null }, { reference: {} }, { resourceType: 'Patient' }),
);

const damagedBody = fc.oneof(
  ...BODIES.map((body) =>
    fc.tuple(fc.constantFrom(...pathsOf(body)), oddValue).map(([path, value]) => replaced(body, path, value)),
  ),
);

test('any JSON is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      check(readWebhook(json));
      check(readRecord(json));
      check(readWebhook(webhookBody('BIRTH_REGISTERED', json)));
    }),
  );
});

test('a body with one part damaged is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(damagedBody, (body) => check(readWebhook(body))),
    { numRuns: 500 },
  );
});

test('each part of a body can be missing or null', () => {
  for (const body of [BIRTH, FULL_DEATH]) {
    for (const path of pathsOf(body)) {
      check(readWebhook(replaced(body, path, null)));
      check(readWebhook(replaced(body, path, undefined)));
    }
  }
});

test('parseDelivery throws nothing but payload_invalid', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), damagedBody), (body) => {
      try {
        parseDelivery(body);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(MediatorError);
        expect(thrown).toMatchObject({ code: 'payload_invalid' });
      }
    }),
  );
});

test('a document nested very deep does not exhaust the stack', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
  check(readRecord(deep));
  check(readRecord({ resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', name: deep } }] }));
});
