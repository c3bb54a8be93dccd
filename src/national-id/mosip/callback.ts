import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { MediatorError, parseJson } from '../../errors/index.js';
import { isSame } from '../../runtime/index.js';
import type { CallbackAnswer, CallbackDoor } from '../port.js';
import { readCredential } from './credential.js';
import { readCredentialKeys } from './credential-keys.js';
import type { CheckProof } from './credential-proof.js';
import type { FetchShare } from './data-share.js';
import { decryptHybrid } from './hybrid-cipher.js';

export interface CallbackDeps {
  /** Absent: credentials that are not sent along are not fetched. */
  readonly fetchShare?: FetchShare | undefined;
  /** Absent: the signature of the hub is all that is checked. */
  readonly checkProof?: CheckProof | undefined;
}

export interface CallbackOptions {
  /** `hub.secret` of our subscription. */
  readonly secret: string;
  /** PEM text of the RSA private keys that credentials are sealed for, and of their certificates. */
  readonly credentialKey: string;
}

/**
 * A delivery of the hub (reference/mosip.md 3), as far as its acceptance depends on it. Whether a credential can be
 * read is found out later: the hub drops a subscriber that answers otherwise than 2xx.
 */
const Delivery = z.object({
  topic: z.string(),
  event: z.object({ id: z.string().min(1) }),
});

/** The credential is sent along, or lies at an address. */
const CredentialDelivery = z.object({
  event: z.object({
    dataShareUri: z.string().nullish(),
    data: z.object({ credential: z.string().nullish() }).nullish(),
  }),
});

/** The two halves of the callback door that see deliveries. */
export function createCallback(
  { fetchShare, checkProof }: CallbackDeps,
  options: CallbackOptions,
): Pick<CallbackDoor, 'authenticate' | 'read'> {
  const keys = readCredentialKeys(options.credentialKey);

  const sealedIn = async (delivery: unknown): Promise<string> => {
    const { dataShareUri, data } = CredentialDelivery.parse(delivery).event;
    if (data?.credential) return data.credential;
    if (dataShareUri && fetchShare) return fetchShare(dataShareUri);
    throw new Error('neither a credential nor an address that may be called');
  };

  return {
    authenticate(headers, rawBody) {
      checkSignature(headers['x-hub-signature'], rawBody, options.secret);
      const parsed = Delivery.safeParse(parseJson(rawBody));
      if (!parsed.success) throw new MediatorError('payload_invalid');
      return { deliveryId: parsed.data.event.id };
    },

    async read(rawBody): Promise<CallbackAnswer> {
      try {
        const delivery: unknown = JSON.parse(Buffer.from(rawBody).toString('utf8'));
        // Reads both alphabets of base64: MOSIP's versions differ.
        const sealed = Buffer.from(await sealedIn(delivery), 'base64');
        const text = decryptHybrid(sealed, keys).toString('utf8');
        await checkProof?.(text);
        return readCredential(text);
      } catch (thrown) {
        if (thrown instanceof MediatorError) throw thrown;
        // The cause is dropped: errors of parsers quote what they parse, here a person's data.
        throw new MediatorError('credential_unreadable');
      }
    },
  };
}

/** `sha256=<hex>` over the raw bytes. MOSIP's parts disagree about the case of the method's name. */
function checkSignature(header: string | string[] | undefined, rawBody: Uint8Array, secret: string): void {
  if (header === undefined || header === '') throw new MediatorError('signature_missing');
  const given = /^sha256=([0-9a-f]{64})$/i.exec(String(header))?.[1];
  const expected = createHmac('sha256', secret).update(rawBody).digest();
  if (given === undefined || !isSame(Buffer.from(given, 'hex'), expected)) {
    throw new MediatorError('signature_invalid');
  }
}
