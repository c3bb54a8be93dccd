import { MediatorError } from '../errors/index.js';

/**
 * A body as JSON, still unknown in shape.
 *
 * @throws MediatorError with the code given for a body that is none
 */
export function parseJson(body: Buffer, code: 'json_invalid' | 'peer_response_invalid' = 'json_invalid'): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // The parse error quotes the body.
    throw new MediatorError(code);
  }
}
