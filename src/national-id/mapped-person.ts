import { Person } from '../vital-events/index.js';

/** A person as a mapping makes one of what a system gave: what it leaves out is empty. */
export const MappedPerson = Person.extend({
  names: Person.shape.names.default([]),
  identifiers: Person.shape.identifiers.default([]),
  nationalities: Person.shape.nationalities.default([]),
  addresses: Person.shape.addresses.default([]),
});
