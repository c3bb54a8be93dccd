export { eventKey, identityIdentifiers, type PersonIdentifier, personIdentifiers } from './event-key.js';
export type { Accept, AcceptCallback, Incoming, Reading } from './incoming.js';
export { Identity, Outcome } from './outcome.js';
export {
  Address,
  Identifier,
  Informant,
  PartialDate,
  Person,
  PersonName,
  VitalEvent,
  type VitalEventKind,
} from './vital-event.js';
