import type { EventRow } from '../../src/pipeline/store/index.js';

/** A birth that was handed over once, as a step sees it, with these differences. */
export function eventRow(changes: Partial<EventRow> = {}): EventRow {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    seq: '1',
    eventKey: 'birth:2024B1',
    kind: 'birth',
    registrationNumber: '2024B1',
    trackingId: undefined,
    personId: undefined,
    isAnswered: false,
    priority: 0,
    replyRevision: undefined,
    transactionId: undefined,
    state: 'submitted',
    code: undefined,
    reason: undefined,
    system: 'mosip',
    outwardKey: 'key',
    tries: 1,
    failures: 0,
    failingForMs: undefined,
    submittedForMs: undefined,
    isTold: false,
    version: 1,
    ...changes,
  };
}
