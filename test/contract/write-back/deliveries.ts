import { parseDelivery, readDelivery } from '../../../src/opencrvs/index.js';
import type { Outcome, VitalEvent } from '../../../src/vital-events/index.js';
import { BIRTH_BODY, DEATH_BODY } from './side.js';

function eventOf(body: unknown): VitalEvent {
  const reading = readDelivery(parseDelivery(body));
  if (!reading.ok) throw new Error('the fixture cannot be read');
  return reading.event;
}

export const BIRTH = eventOf(BIRTH_BODY);
export const DEATH = eventOf(DEATH_BODY);

export const NATIONAL_ID = '8815520347';
export const ISSUED: Outcome = {
  result: 'issued',
  identity: { token: '3390471182', virtualId: '7702218846', nationalId: NATIONAL_ID },
};
export const CONFIRMED: Outcome = { result: 'confirmed' };
export const REFUSED: Outcome = {
  result: 'refused',
  code: 'national_id_refused',
  reason: 'The date of birth is missing.',
};

/** Of the persons of the two registrations, and the numbers given: none may be seen outside of a body. */
export const PERSONAL: readonly string[] = [
  ...['Thandiwe', 'Phiri', 'Josephat', 'Banda', '2024-01-28'],
  ...[NATIONAL_ID, '3390471182', '7702218846'],
];
