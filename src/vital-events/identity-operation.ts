import type { VitalEvent } from './vital-event.js';

/** What a national ID system is asked to do; `operator`: nothing, a person has to decide. */
export type IdentityOperation = 'issue' | 'deactivate' | 'update' | 'reactivate' | 'operator';

export interface IdentityRules {
  /** What the cancellation of a birth does to the identity it led to. */
  readonly birthCancellation: 'deactivate' | 'operator';
}

/** What an event asks of the national ID system. */
export function identityOperation(event: VitalEvent, rules: IdentityRules): IdentityOperation {
  switch (event.kind) {
    case 'birth':
      return 'issue';
    case 'death':
      return 'deactivate';
    case 'correction':
      return 'update';
    case 'cancellation':
      return event.of === 'birth' ? rules.birthCancellation : 'reactivate';
    case 'reinstatement':
      return event.of === 'birth' ? 'reactivate' : 'deactivate';
  }
}
