import type { OutboundResponse } from '../outbound/index.js';

/** Whether an answer has words of OpenCRVS in it, or is that of a proxy before it. */
export function holdsJson({ headers }: Pick<OutboundResponse, 'headers'>): boolean {
  return /\bjson\b/.test(String(headers['content-type'] ?? ''));
}
