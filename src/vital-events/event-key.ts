import { createHash } from 'node:crypto';
import type { Incoming } from './incoming.js';
import type { Identity } from './outcome.js';
import { registerOf, type VitalEvent } from './vital-event.js';

/**
 * What makes two deliveries the same event. A birth or death is registered once, so its kind and registration number
 * are enough, whatever delivery or action it came by: a second key would be a second identity. Events about a
 * registration are told apart by their revision. OpenCRVS's webhook body has no event id (reference/opencrvs.md 3.5).
 * What could not be read is known by the hash of its bytes.
 */
export function eventKey({ reading, raw }: Incoming): string {
  if (!reading.ok) return `unreadable:${createHash('sha256').update(raw).digest('hex')}`;
  const { event } = reading;
  if (event.kind === 'birth' || event.kind === 'death') return `${event.kind}:${event.registrationNumber}`;
  return `${event.kind}:${event.of}:${event.registrationNumber}:${event.revision}`;
}

/** An identifier that tells a person: the number of a registration, or any number of an identity. */
export interface PersonIdentifier {
  /** Births and deaths have registers of their own, which may give the same numbers. */
  readonly kind: 'birth-registration' | 'death-registration' | 'identity';
  readonly value: string;
}

/** OpenCRVS's identifier types under which a national identity is written in a record (reference/opencrvs.md 4.3). */
const IDENTITY_TYPES: ReadonlySet<string> = new Set(['NATIONAL_ID', 'MOSIP_UINTOKEN', 'MOSIP_PSUT_TOKEN_ID']);

const REGISTRATION_TYPES: Readonly<Record<string, PersonIdentifier['kind']>> = {
  BIRTH_REGISTRATION_NUMBER: 'birth-registration',
  DEATH_REGISTRATION_NUMBER: 'death-registration',
};

/**
 * The identifiers by which other events of the same person can be found, the surest first: its own registration, others,
 * and what somebody wrote down as the number of an identity.
 */
export function personIdentifiers(event: VitalEvent): readonly PersonIdentifier[] {
  const registrations: PersonIdentifier[] = [
    { kind: `${registerOf(event)}-registration`, value: event.registrationNumber },
  ];
  const identities: PersonIdentifier[] = [];
  for (const { type, value } of event.subject.identifiers) {
    const register = REGISTRATION_TYPES[type];
    if (register !== undefined) registrations.push({ kind: register, value });
    else if (IDENTITY_TYPES.has(type)) identities.push({ kind: 'identity', value });
  }
  return [...registrations, ...identities];
}

/** The same for the numbers of an identity. */
export function identityIdentifiers(identity: Identity): readonly PersonIdentifier[] {
  return [identity.nationalId, identity.virtualId, identity.token]
    .filter((value) => value !== undefined)
    .map((value) => ({ kind: 'identity', value }));
}
