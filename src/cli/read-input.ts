import { MediatorError } from '../errors/index.js';
import type { Terminal } from './command.js';

/** Far more than a secret: somebody gave another file. */
export const MAX_INPUT_BYTES = 64 * 1024;

/**
 * All of standard input.
 *
 * @throws MediatorError `request_invalid` when it is more than a secret can be
 */
export async function readInput(input: Terminal['input']): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of input) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text.length > MAX_INPUT_BYTES) {
      throw new MediatorError('request_invalid', { message: 'Too much on standard input.' });
    }
  }
  return text + decoder.decode();
}
