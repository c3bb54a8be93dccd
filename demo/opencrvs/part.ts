import type { Person } from '../../src/vital-events/index.js';
import type { Stage } from '../stage.js';

export const VERSIONS = ['1.2', '1.5', '1.8', '2.0'] as const;
export type Version = (typeof VERSIONS)[number];

/** Something that happens at OpenCRVS, and the way that its outcome takes back. */
export interface Happening {
  readonly kind: 'birth' | 'death' | 'correction';
  /** What happens, to whom. */
  readonly title: string;
  /** The child, or the deceased; of a correction, as it was before. */
  readonly subject: Person;
  readonly registrationNumber: string;
  /** Hands it over `times` over; every answer must be the same. Gives the id of the mediator's event. */
  send(stage: Stage, times: 1 | 2): Promise<string>;
  /** Waits until OpenCRVS has the outcome, and tells how it came; gives the number of the person that it now holds. */
  outcome(stage: Stage): Promise<string | undefined>;
}

/** The part that one version of OpenCRVS plays. */
export interface OpenCrvsPart {
  /** What the mediator has to be told about this version. */
  readonly environment: Readonly<Record<string, string>>;
  readonly birth: Happening;
  /** What happens after the birth is settled. */
  readonly after: Happening;
  /** The child's Patient as this version writes it; undefined: no FHIR client is shown. */
  readonly child: unknown;
  /** The steps by which it and the mediator find each other. */
  connect(stage: Stage): Promise<void>;
  stop(): Promise<void>;
}
