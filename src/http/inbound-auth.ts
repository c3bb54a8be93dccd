import { createHash, timingSafeEqual } from 'node:crypto';
import { MediatorError } from '../errors/index.js';

export interface InboundCredentials {
  readonly username: string;
  readonly password: string;
}

/** Digests have one length, so the comparison takes the same time whatever was sent. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Checks basic authentication in constant time. Without configured credentials nobody passes.
 *
 * @throws MediatorError `credentials_missing`, `credentials_invalid`
 */
export function checkInboundCredentials(header: string | undefined, expected: InboundCredentials | undefined): void {
  if (header === undefined) throw new MediatorError('credentials_missing');
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1];
  const given = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const wanted = expected === undefined ? undefined : `${expected.username}:${expected.password}`;
  const matches = timingSafeEqual(digest(given), digest(wanted ?? ''));
  if (wanted === undefined || !matches) throw new MediatorError('credentials_invalid');
}
