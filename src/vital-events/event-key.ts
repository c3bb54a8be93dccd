import { createHash } from 'node:crypto';
import type { Incoming } from './incoming.js';
import type { Identity } from './outcome.js';
import type { VitalEvent } from './vital-event.js';

/**
 * What makes two deliveries the same event: kind and registration number. A birth or death is registered once, so
 * there is no revision. OpenCRVS's webhook body has no event id (reference/opencrvs.md 3.5). What could not be read is
 * known by the hash of its bytes.
 */
export function eventKey({ reading, raw }: Incoming): string {
  if (reading.ok) return `${reading.event.kind}:${reading.event.registrationNumber}`;
  return `unreadable:${createHash('sha256').update(raw).digest('hex')}`;
}

/** An identifier that tells a person: the number of a registration, or any number of an identity. */
export interface PersonIdentifier {
  readonly kind: 'registration' | 'identity';
  readonly value: string;
}

/** OpenCRVS's identifier types under which a national identity is written in a record (reference/opencrvs.md 4.3). */
const IDENTITY_TYPES: ReadonlySet<string> = new Set(['NATIONAL_ID', 'MOSIP_UINTOKEN', 'MOSIP_PSUT_TOKEN_ID']);

/** The identifiers by which other events of the same person can be found. */
export function personIdentifiers(event: VitalEvent): readonly PersonIdentifier[] {
  const found: PersonIdentifier[] = [{ kind: 'registration', value: event.registrationNumber }];
  for (const { type, value } of event.subject.identifiers) {
    if (type.endsWith('_REGISTRATION_NUMBER')) found.push({ kind: 'registration', value });
    else if (IDENTITY_TYPES.has(type)) found.push({ kind: 'identity', value });
  }
  return found;
}

/** The same for the numbers of an identity. */
export function identityIdentifiers(identity: Identity): readonly PersonIdentifier[] {
  return [identity.nationalId, identity.virtualId, identity.token]
    .filter((value) => value !== undefined)
    .map((value) => ({ kind: 'identity', value }));
}
