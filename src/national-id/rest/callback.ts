import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import type { RestSettings } from '../../config/index.js';
import { MediatorError, parseJson } from '../../errors/index.js';
import { isSame } from '../../runtime/index.js';
import { Identity } from '../../vital-events/index.js';
import type { CallbackDoor } from '../port.js';
import { compileExpression } from './expression.js';

export type CallbackSettings = NonNullable<RestSettings['callback']>;

function checkSignature(
  { algorithm, secret, encoding, prefix }: CallbackSettings['signature'],
  given: string | string[] | undefined,
  rawBody: Uint8Array,
): void {
  if (given === undefined || given === '') throw new MediatorError('signature_missing');
  // Compared as text: decoding would pass over what stands behind a signature. Hexadecimal comes in either case.
  const bytes = (text: string): Buffer => Buffer.from(encoding === 'hex' ? text.toLowerCase() : text);
  const expected = bytes(prefix + createHmac(algorithm, secret).update(rawBody).digest(encoding));
  const sent = bytes(String(given));
  if (!isSame(sent, expected)) throw new MediatorError('signature_invalid');
}

/** The door for a system that calls back with an HMAC over the raw bytes. Expressions see the `body`. */
export function createCallback(settings: CallbackSettings): CallbackDoor {
  const { signature, deliveryHeader } = settings;
  const readKey = compileExpression('callback.outwardKey', settings.outwardKey, z.string().min(1));
  const readIdentity = compileExpression('callback.identity', settings.identity, Identity.default({}));

  return {
    confirmIntent() {
      throw new MediatorError('subscription_unknown');
    },
    authenticate(headers, rawBody) {
      checkSignature(signature, headers[signature.header], rawBody);
      parseJson(rawBody);
      const named = deliveryHeader === undefined ? undefined : headers[deliveryHeader];
      if (deliveryHeader !== undefined && (named === undefined || named === '')) {
        throw new MediatorError('payload_invalid', { message: 'The header with the id of the delivery is missing.' });
      }
      return { deliveryId: named === undefined ? createHash('sha256').update(rawBody).digest('hex') : String(named) };
    },
    async read(rawBody) {
      try {
        const input = { body: parseJson(rawBody) };
        return { outwardKey: await readKey(input), identity: await readIdentity(input) };
      } catch {
        // The cause is dropped: errors of parsers quote what they parse, here a person's data.
        throw new MediatorError('credential_unreadable');
      }
    },
  };
}
