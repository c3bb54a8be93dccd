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
