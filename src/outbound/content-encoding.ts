import { promisify } from 'node:util';
import { brotliDecompress, unzip, zstdDecompress } from 'node:zlib';
import { MediatorError } from '../errors/index.js';
import type { OutboundResponse, ResponseHead } from './client.js';
import { brokenAnswer } from './failure.js';

/** `unzip` knows gzip and deflate apart by itself. */
const DECODERS = {
  gzip: promisify(unzip),
  'x-gzip': promisify(unzip),
  deflate: promisify(unzip),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
} as const;

const isKnown = (encoding: string): encoding is keyof typeof DECODERS => Object.hasOwn(DECODERS, encoding);

/** Whether the body comes in a content encoding. We ask for none; some servers and gateways compress all the same. */
export function isEncoded({ 'content-encoding': encoding }: ResponseHead['headers']): boolean {
  return encoding !== undefined && encoding !== 'identity';
}

/**
 * The answer with its body decoded.
 *
 * @throws MediatorError `peer_response_invalid`, also for an encoding that we do not know; `peer_response_too_large`
 */
export async function decoded(response: OutboundResponse, maxBytes: number): Promise<OutboundResponse> {
  const { 'content-encoding': encoding, 'content-length': _encodedLength, ...headers } = response.headers;
  if (typeof encoding !== 'string' || !isKnown(encoding)) throw brokenAnswer();
  try {
    const body = await DECODERS[encoding](response.body, { maxOutputLength: maxBytes });
    return { status: response.status, headers, body };
  } catch (thrown) {
    const isTooLarge = (thrown as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge ? new MediatorError('peer_response_too_large') : brokenAnswer();
  }
}
