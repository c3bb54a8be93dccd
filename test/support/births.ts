import { signWebhook } from '../../src/opencrvs/signature.js';
import { fixture } from './fixtures.js';

/** A webhook body about a birth, and what tells it from others. */
export interface Birth {
  readonly registrationNumber: string;
  readonly childId: string;
  readonly body: unknown;
}

/** The birth of the fixture as another registration, with a number, a tracking id and a child of its own. */
export function birthNumber(serial: number): Birth {
  const digits = String(serial).padStart(6, '0');
  const trackingId = `B${digits}`;
  const registrationNumber = `2024${trackingId}`;
  const childId = `aafcb2cf-bbb7-4e1d-b458-000000${digits}`;
  const text = JSON.stringify(fixture('opencrvs/birth-registered.webhook.json'))
    .replaceAll('aafcb2cf-bbb7-4e1d-b458-99c7822add1e', childId)
    .replaceAll('2024BQX7T4N', registrationNumber)
    .replaceAll('BQX7T4N', trackingId);
  return { registrationNumber, childId, body: JSON.parse(text) };
}

/** Sends a webhook body straight to a mediator, signed as OpenCRVS does. Rejects when nobody answers. */
export async function postWebhook(port: number, body: unknown, secret: string): Promise<Response> {
  const text = JSON.stringify(body);
  return fetch(`http://127.0.0.1:${port}/opencrvs/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature': signWebhook(Buffer.from(text), secret) },
    body: text,
  });
}
