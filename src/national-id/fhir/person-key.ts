import type { FhirSettings } from '../../config/index.js';
import { registerOf } from '../../vital-events/index.js';
import type { Submission } from '../port.js';
import type { BusinessIdentifier } from './resources.js';

/**
 * By what the person of an event is looked for; undefined when nothing tells. Only the first number that is there
 * counts: where it finds nobody, another one could find somebody else.
 *
 * The record of a death names its person itself; for a birth, the number we were given for it is the better one. The
 * number of a death is not used: no Patient was made under it, and a country may number births and deaths alike.
 */
export function personKey({ event, known }: Submission, settings: FhirSettings): BusinessIdentifier | undefined {
  const recorded = (type: string): string | undefined =>
    event.subject.identifiers.find((entry) => entry.type === type)?.value;
  const isBirth = registerOf(event) === 'birth';
  const ours = known?.nationalId;
  const theirs = recorded('NATIONAL_ID');
  const nationalId = isBirth ? (ours ?? theirs) : (theirs ?? ours);
  if (nationalId !== undefined) return { system: settings.nationalIdSystem, value: nationalId };
  const birth = isBirth ? event.registrationNumber : recorded('BIRTH_REGISTRATION_NUMBER');
  return birth === undefined ? undefined : { system: settings.registrationSystem, value: birth };
}
