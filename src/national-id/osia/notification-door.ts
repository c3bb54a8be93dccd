import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { OsiaSettings, OsiaSubscriptionSettings } from '../../config/index.js';
import { MediatorError, parseJson } from '../../errors/index.js';
import { type Clock, isSame } from '../../runtime/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { NotificationDoor } from '../port.js';
import { errorOf } from './answers.js';
import type { OsiaClient } from './osia-client.js';
import type { PopulationRegistry } from './population-registry.js';
import { Scalar } from './scalar.js';
import { Uin } from './uin.js';

export interface NotificationDoorDeps {
  readonly client: OsiaClient;
  readonly registry: PopulationRegistry;
  readonly clock: Clock;
  readonly log: Logger;
}

/** OSIA's headers of a message, and what each kind of it has to hold (notification.yaml 1.2). */
const Headers = z.object({
  'message-type': z.string(),
  'message-id': z.string().min(1),
  'topic-id': z.string().min(1),
});
const Kind = z.enum(['SubscriptionConfirmation', 'Notification']);
const Confirmation = z.object({ token: z.string().min(1).max(1_024) });
const Body = z.record(z.string(), z.unknown());

/** The text of the publisher in the engine's wrapping, as the interface file has it. */
const Wrapped = z.object({ message: z.string() });
/** All that we take of what a publisher says. */
const Message = z.object({ uin: Uin });

function readBody(rawBody: Uint8Array): z.infer<typeof Body> {
  const body = Body.safeParse(parseJson(rawBody));
  if (!body.success) throw new MediatorError('payload_invalid');
  return body.data;
}

/** Whom a notification names. OSIA shows it in the wrapping (interface file) and without (the chapter's examples). */
function uinIn(rawBody: Uint8Array): string | undefined {
  const body = readBody(rawBody);
  const wrapped = Wrapped.safeParse(body);
  try {
    return Message.safeParse(wrapped.success ? JSON.parse(wrapped.data.message) : body).data?.uin;
  } catch {
    // A publisher may send any text: it names nobody whom we could look for.
    return undefined;
  }
}

/**
 * The door for OSIA's notification engine. It neither signs nor authenticates, so the address has a secret part, and what
 * it says is a hint only: the population registry is asked, with our token, which registration the number belongs to.
 */
export function createNotificationDoor(
  { client, registry, clock, log }: NotificationDoorDeps,
  { secret }: Pick<OsiaSubscriptionSettings, 'secret'>,
  { registrationAttribute }: Pick<OsiaSettings, 'registrationAttribute'>,
): NotificationDoor {
  const expected = Buffer.from(secret);

  /** Only the token is taken: a message names an address too, which could be anybody's. */
  const confirm = async (token: string, signal: AbortSignal): Promise<void> => {
    const response = await client({
      operation: 'confirm',
      service: 'notification',
      method: 'GET',
      path: '/v1/subscriptions/confirm',
      query: { token },
      signal,
    });
    const peer = 'osia-notification';
    if (response.status === 200) {
      log.info({ event: 'subscription.confirmed', peer }, 'subscription confirmed');
    } else if (response.status === 400) {
      // Used up, as by a message that came twice. It would be no better the next time.
      log.warn({ event: 'subscription.token_refused', peer }, 'the engine refuses the token of a confirmation');
    } else {
      throw errorOf(response, clock.now());
    }
  };

  const registrationsOf = async (uin: string): Promise<readonly string[]> => {
    const transaction = { transactionId: randomUUID(), signal: new AbortController().signal };
    if ((await registry.read(uin, transaction)) === undefined) return [];
    const identities = await registry.readIdentities(uin, transaction);
    return identities.flatMap((data) => {
      const number = Scalar.safeParse(data[registrationAttribute]);
      return number.success ? [String(number.data)] : [];
    });
  };

  return {
    isSecret: (given) => isSame(Buffer.from(given), expected),
    async receive(given, rawBody, signal) {
      const headers = Headers.safeParse(given);
      if (!headers.success) throw new MediatorError('headers_missing');
      const kind = Kind.safeParse(headers.data['message-type']);
      if (!kind.success) throw new MediatorError('payload_invalid');
      const body = readBody(rawBody);
      if (kind.data === 'Notification') {
        return { deliveryId: createHash('sha256').update(headers.data['message-id']).digest('hex') };
      }
      const confirmation = Confirmation.safeParse(body);
      if (!confirmation.success) throw new MediatorError('payload_invalid');
      await confirm(confirmation.data.token, signal);
      return undefined;
    },
    async read(rawBody) {
      const uin = uinIn(rawBody);
      if (uin === undefined) return { about: [] };
      const registrations = await registrationsOf(uin);
      return {
        about: [
          { kind: 'identity', value: uin },
          ...registrations.map((value) => ({ kind: 'birth-registration', value }) as const),
        ],
      };
    },
  };
}
