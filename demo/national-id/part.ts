import type { Happening } from '../opencrvs/part.js';
import type { Stage } from '../stage.js';

export const SYSTEMS = ['mosip', 'osia', 'fhir', 'rest'] as const;
export type System = (typeof SYSTEMS)[number];

/** The part that one national ID system plays. */
export interface NationalIdPart {
  /** As it begins a sentence. */
  readonly name: string;
  /** What its numbers are called. */
  readonly numberName: string;
  /** What the mediator has to be told about this system. */
  readonly environment: Readonly<Record<string, string>>;
  /** The steps by which it and the mediator find each other, and what it holds beforehand. */
  connect(stage: Stage): Promise<void>;
  /** The steps from a birth that was handed over to the number that it is given. */
  issue(stage: Stage, birth: Happening): Promise<string>;
  /** Waits until it has taken what happened after the birth, and tells how. */
  change(stage: Stage, after: Happening): Promise<void>;
  /** How many identities it has made of births, and how many times it has taken what came after. */
  counts(): { readonly identities: number; readonly changes: number };
  stop(): Promise<void>;
}
