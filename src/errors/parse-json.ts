import type { ErrorCode } from './codes.js';
import { MediatorError } from './mediator-error.js';

/**
 * A body as JSON, still unknown in shape.
 *
 * @throws MediatorError with the code given for a body that is none. The parser's own error quotes the body: it is not kept
 */
export function parseJson(
  { buffer, byteOffset, byteLength }: Uint8Array,
  code: Extract<ErrorCode, 'json_invalid' | 'peer_response_invalid'> = 'json_invalid',
): unknown {
  try {
    return JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString('utf8'));
  } catch {
    throw new MediatorError(code);
  }
}
