import { isUtf8 } from 'node:buffer';
import { createHmac } from 'node:crypto';
import { MediatorError } from '../errors/index.js';
import { isSame } from '../runtime/index.js';

const SCHEME = 'sha256';

/**
 * The text that OpenCRVS signs (reference/opencrvs.md section 3.5): a prefix and the URI-encoded body, not the body's
 * bytes. Undefined for bytes that are no UTF-8: OpenCRVS signs a string, so no signature of its can belong to them.
 */
function signedText(rawBody: Uint8Array): string | undefined {
  // Checked first: a decoder would put U+FFFD in place of what is wrong, and so make another text of it.
  if (!isUtf8(rawBody)) return undefined;
  return `${SCHEME}:${encodeURIComponent(Buffer.from(rawBody).toString('utf8'))}`;
}

function headerValue(text: string, secret: string): string {
  return `${SCHEME}=${createHmac('sha256', secret).update(text).digest('hex')}`;
}

/**
 * The value of `X-Hub-Signature` that OpenCRVS sends with a webhook.
 *
 * @throws MediatorError `signature_invalid` when the body is no UTF-8: OpenCRVS cannot have sent it
 */
export function signWebhook(rawBody: Uint8Array, secret: string): string {
  const text = signedText(rawBody);
  if (text === undefined) throw new MediatorError('signature_invalid');
  return headerValue(text, secret);
}

/**
 * Checks `X-Hub-Signature` over the bytes as received. Several secrets are valid at once while they are rotated; each
 * is tried, so that the time does not tell which one matched.
 *
 * @throws MediatorError `signature_missing` without a header, `signature_invalid` in every other case
 */
export function verifyWebhookSignature(
  rawBody: Uint8Array,
  header: string | readonly string[] | undefined,
  secrets: readonly string[],
): void {
  const [given, ...more] = typeof header === 'string' ? [header] : (header ?? []);
  if (given === undefined || given === '') throw new MediatorError('signature_missing');
  const text = signedText(rawBody);
  // OpenCRVS sends one signature; a second one was added on the way.
  if (text === undefined || more.length > 0) throw new MediatorError('signature_invalid');
  // An empty secret would let anybody sign.
  const sent = Buffer.from(given);
  const matches = secrets.filter((secret) => secret !== '' && isSame(sent, Buffer.from(headerValue(text, secret))));
  if (matches.length === 0) throw new MediatorError('signature_invalid');
}
