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

/** The answer's status and text; undefined when the connection was dropped before it came. */
async function post(door: Door, body: unknown): Promise<{ status: number; text: string } | undefined> {
  try {
    const response = await postWebhook(door.port, body, door.secret);
    return { status: response.status, text: await response.text() };
  } catch {
    // An instance was killed: the sender cannot know whether its event was stored.
    return undefined;
  }
}

/**
 * Sends a webhook until it is acknowledged, as OpenHIM does with its retries; gives the answer's text.
 *
 * @throws Error for any answer but 200 and 503
 */
async function deliver(door: Door, body: unknown): Promise<string> {
  for (;;) {
    const answer = await post(door, body);
    if (answer?.status === 200) return answer.text;
    if (answer !== undefined && answer.status !== 503) {
      throw new Error(`a delivery was answered with HTTP ${answer.status}: ${answer.text}`);
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
