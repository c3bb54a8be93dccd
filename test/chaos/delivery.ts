import { setTimeout as delay } from 'node:timers/promises';
import { postWebhook } from '../support/births.js';

/** Pause before what was not acknowledged is sent again. */
const RESEND_MS = 200;
/** The second delivery of an event comes up to so much later: behind others, and often after the event has ended. */
const LONGEST_DELAY_MS = 3_000;

interface Door {
  readonly port: number;
  readonly secret: string;
}

/** Sends a webhook until it is acknowledged, as OpenHIM does with its retries; gives the answer's text. */
async function deliver(door: Door, body: unknown): Promise<string> {
  for (;;) {
    try {
      const response = await postWebhook(door.port, body, door.secret);
      const text = await response.text();
      if (response.status === 200) return text;
      if (response.status !== 503) throw new TypeError(`a delivery was answered with HTTP ${response.status}: ${text}`);
    } catch (thrown) {
      // A dropped connection: `fetch` reports it as a TypeError with a cause.
      if (!(thrown instanceof TypeError) || thrown.cause === undefined) throw thrown;
    }
    await delay(RESEND_MS);
  }
}

/**
 * Delivers an event twice, the second time later. Resolves once both are acknowledged.
 *
 * @throws Error when the two acknowledgements differ
 */
export async function deliverTwice(door: Door, body: unknown, random: () => number): Promise<void> {
  const lateBy = random() * LONGEST_DELAY_MS;
  const again = delay(lateBy).then(() => deliver(door, body));
  const [first, second] = await Promise.all([deliver(door, body), again]);
  if (first !== second) throw new Error(`an event was acknowledged as ${first} and as ${second}`);
}
