import { hash, timingSafeEqual } from 'node:crypto';
import { MediatorError } from '../errors/index.js';

export interface InboundCredentials {
  readonly username: string;
  readonly password: string;
  /** Taken as well, while the new one replaces it. */
  readonly previousPassword?: string | undefined;
}

/** Digests have one length, so the comparison takes the same time whatever was sent. */
const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

/** Checks an `Authorization` header; throws MediatorError `credentials_missing`, `credentials_invalid`. */
export type CredentialCheck = (header: string | undefined) => void;

/**
 * Basic authentication in constant time; during a rotation either password passes. Without configured credentials nobody
 * does.
 */
export function createCredentialCheck(expected: InboundCredentials | undefined): CredentialCheck {
  const passwords = expected === undefined ? [] : [expected.password, expected.previousPassword];
  const accepted = passwords.flatMap((password) =>
    password === undefined ? [] : digest(`${expected?.username}:${password}`),
  );

  return (header) => {
    if (header === undefined) throw new MediatorError('credentials_missing');
    const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1];
    const given = digest(encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8'));
    const matches = accepted.map((one) => timingSafeEqual(given, one));
    if (!matches.includes(true)) throw new MediatorError('credentials_invalid');
  };
}
