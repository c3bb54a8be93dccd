export { admittedDocuments, type Document, NO_DOCUMENTS } from './documents.js';
export { createEligibility, createEligibilityRule, type Eligibility, type EligibilityRule } from './eligibility.js';
export { eventKey, identityIdentifiers, type PersonIdentifier, personIdentifiers } from './event-key.js';
export { type IdentityOperation, type IdentityRules, identityOperation } from './identity-operation.js';
export type { Accept, Incoming, Reading, ReplyAddress } from './incoming.js';
export { Identity, Outcome } from './outcome.js';
export {
  Address,
  Identifier,
  Informant,
  PartialDate,
  Person,
  PersonName,
  parseEvent,
  type RegistrationKind,
  registerOf,
  VitalEvent,
  type VitalEventKind,
} from './vital-event.js';
