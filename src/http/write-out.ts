import type { ServerResponse } from 'node:http';

/** Node sends its headers together with a text, but apart from a buffer: up to here to copy is cheaper than to send twice. */
const COPIED_BYTES = 131_072;

const hasNoBody = (response: ServerResponse, status: number): boolean =>
  response.req.method === 'HEAD' || status === 204 || status === 304;

/**
 * Writes an answer out, with the length of its body: a buffer, or its bytes as a text with one character a byte (`latin1`).
 * Headers that were set on the response before go along.
 */
export function writeOut(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
): void {
  if (hasNoBody(response, status)) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, { ...headers, 'content-length': String(body.length) });
  if (typeof body === 'string') response.end(body, 'latin1');
  else if (body.length > COPIED_BYTES) response.end(body);
  else response.end(body.toString('latin1'), 'latin1');
}
