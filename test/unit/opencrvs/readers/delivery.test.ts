import { describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../../src/errors/index.js';
import { parseDelivery, WEBHOOK_TOPICS } from '../../../../src/opencrvs/readers/index.js';
import { fixture } from '../../../support/fixtures.js';
import { readWebhook, webhookBody, webhookBundle } from '../../../support/opencrvs-shapes.js';

const TIMESTAMP = '2024-02-19T08:41:13.002Z';
const bundle = webhookBundle('birth');

describe('parseDelivery', () => {
  test('opens a body as OpenCRVS sends it', () => {
    expect(parseDelivery(fixture('opencrvs/birth-registered.webhook.json'))).toEqual({
      topic: 'BIRTH_REGISTERED',
      bundle,
      timestamp: TIMESTAMP,
    });
  });

  test.each(WEBHOOK_TOPICS)('knows the topic %s', (topic) => {
    expect(parseDelivery(webhookBody(topic, bundle)).topic).toBe(topic);
  });

  test('leaves the bundle to the readers', () => {
    expect(parseDelivery(webhookBody('BIRTH_REGISTERED', 'no bundle')).bundle).toBe('no bundle');
  });

  const event = (topic: unknown, context: unknown) => ({ timestamp: TIMESTAMP, event: { hub: { topic }, context } });
  test.each([
    { name: 'no object', body: 'text', parts: 'the body itself' },
    { name: 'a list', body: [], parts: 'the body itself' },
    { name: 'an empty object', body: {}, parts: 'timestamp, event' },
    { name: 'no hub', body: { timestamp: TIMESTAMP, event: { context: [bundle] } }, parts: 'event.hub' },
    { name: 'no timestamp', body: { event: event('BIRTH_REGISTERED', [bundle]).event }, parts: 'timestamp' },
    { name: 'a topic that no version has', body: event('MARRIAGE_REGISTERED', [bundle]), parts: 'event.hub.topic' },
    { name: 'a topic that is the name of a built-in', body: event('toString', [bundle]), parts: 'event.hub.topic' },
    { name: 'no context', body: event('BIRTH_REGISTERED', undefined), parts: 'event.context' },
    { name: 'an empty context', body: event('BIRTH_REGISTERED', []), parts: 'event.context' },
    { name: 'a second bundle', body: event('BIRTH_REGISTERED', [bundle, bundle]), parts: 'event.context' },
  ])('rejects $name and names the part', ({ body, parts }) => {
    expect(() => parseDelivery(body)).toThrow(
      new MediatorError('payload_invalid', {
        message: `The body is not a webhook delivery of OpenCRVS; wrong or missing: ${parts}.`,
      }),
    );
    expect(readWebhook(body)).toMatchObject({ ok: false, code: 'event_unreadable' });
  });
});

describe('readWebhook', () => {
  test.each(['BIRTH_CERTIFIED', 'DEATH_CERTIFIED', 'BIRTH_CORRECTED', 'DEATH_CORRECTED'] as const)(
    'has no reader for %s',
    (topic) => {
      expect(readWebhook(webhookBody(topic, bundle))).toEqual({
        ok: false,
        code: 'event_unreadable',
        reason: `No reader for topic ${topic}.`,
      });
    },
  );

  test('refuses a record of another kind than the topic says', () => {
    expect(readWebhook(webhookBody('DEATH_REGISTERED', bundle))).toMatchObject({
      ok: false,
      code: 'event_unreadable',
      reason: 'Task.code does not belong to the death that was announced.',
    });
  });
});
