import type { Incoming, VitalEvent } from '../../src/vital-events/index.js';

/** What no table, log line or trace may show. */
export const CANARY = 'Canary-Simulated';

/** A delivery that is still to be made, so many times. */
export interface Letter {
  readonly incoming: Incoming & { readonly reading: { readonly ok: true; readonly event: VitalEvent } };
  copies: number;
  /** Our id for it, once it was acknowledged. */
  acknowledgedAs?: string;
}

function letter(event: VitalEvent, random: () => number): Letter {
  const raw = `${CANARY} ${event.kind} ${event.registrationNumber} ${'revision' in event ? event.revision : ''}`;
  return {
    incoming: { reading: { ok: true, event }, raw, transactionId: undefined },
    copies: 1 + Math.floor(random() * 3),
  };
}

/** A few people, and what civil registration tells of each; shuffled only by how the deliveries are made. */
export function makeInbox(random: () => number): Letter[] {
  const people = 1 + Math.floor(random() * 3);
  return Array.from({ length: people }, (_, index) => index).flatMap((index) => {
    const registrationNumber = `R${index}`;
    const subject = (identifiers: VitalEvent['subject']['identifiers']): VitalEvent['subject'] => ({
      names: [{ given: [CANARY], family: CANARY }],
      identifiers,
      nationalities: [],
      addresses: [],
    });
    const about = { of: 'birth', registrationNumber, subject: subject([]) } as const;
    const events: VitalEvent[] = [{ kind: 'birth', registrationNumber, subject: subject([]) }];
    if (random() < 0.4) events.push({ ...about, kind: 'correction', revision: '1' });
    if (random() < 0.2) events.push({ ...about, kind: 'correction', revision: '2' });
    if (random() < 0.15) events.push({ ...about, kind: 'cancellation', revision: '3' });
    if (random() < 0.3) {
      const identifiers = [{ type: 'NATIONAL_ID', value: `N-${registrationNumber}` }];
      events.push({ kind: 'death', registrationNumber: `D${index}`, subject: subject(identifiers) });
    }
    return events.map((event) => letter(event, random));
  });
}
