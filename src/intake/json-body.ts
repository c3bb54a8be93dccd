import { MediatorError } from '../errors/index.js';

/**
 * A request's body as JSON, still unknown in shape.
 *
 * @throws MediatorError `json_invalid`
 */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // The parse error quotes the body: it is not kept.
    throw new MediatorError('json_invalid');
  }
}
