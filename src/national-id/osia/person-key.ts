import { registerOf } from '../../vital-events/index.js';
import type { Submission } from '../port.js';

export type PersonKey = { readonly uin: string } | { readonly registrationNumber: string };

/**
 * By what the person of an event is known; undefined when nothing tells. Only the first number that is there counts.
 *
 * The record of a death names its person itself; for a birth, the number that we were given for it is the better one. The
 * number of a death is not used: a country may number births and deaths alike.
 */
export function personKey({ event, known }: Submission): PersonKey | undefined {
  const recorded = (type: string): string | undefined =>
    event.subject.identifiers.find((entry) => entry.type === type)?.value;
  const isBirth = registerOf(event) === 'birth';
  const ours = known?.nationalId;
  const theirs = recorded('NATIONAL_ID');
  const uin = isBirth ? (ours ?? theirs) : (theirs ?? ours);
  if (uin !== undefined) return { uin };
  const registrationNumber = isBirth ? event.registrationNumber : recorded('BIRTH_REGISTRATION_NUMBER');
  return registrationNumber === undefined ? undefined : { registrationNumber };
}
