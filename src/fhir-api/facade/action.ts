import type { InboundRequest } from '../../http/index.js';

/** A FHIR resource as it is answered, in R4. */
export interface Resource {
  readonly resourceType: string;
  readonly [member: string]: unknown;
}

/** What of the request's way an action needs to know. */
export interface Call {
  /** `/fhir` as the caller reaches it. */
  readonly own: string;
  /** Ends when the caller goes or its time is up. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly resource?: Resource;
  readonly headers?: Readonly<Record<string, string>>;
  /** What was taken is worked on after the answer. */
  readonly outlivesAnswer?: true;
}

/** One thing that callers can do. `id`: of the resource in the address, where there is one. */
export type Action = (request: InboundRequest, call: Call, id: string) => Promise<Answer>;
