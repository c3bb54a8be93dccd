import { createHmac } from 'node:crypto';
import type { NationalIdSystem } from '../national-id/index.js';

/** The key under which an event is known at the national ID system. */
export type OutwardKeyOf = (system: NationalIdSystem, eventKey: string) => string;

/** Keys that are derived under `INDEX_KEY`, so that an event has the same one after any loss. */
export function outwardKeys(indexKey: string): OutwardKeyOf {
  return (system, eventKey) =>
    system.outwardKey(createHmac('sha256', indexKey).update(`outward\n${system.name}\n${eventKey}`).digest());
}
