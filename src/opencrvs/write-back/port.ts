import type { Outcome, VitalEvent } from '../../vital-events/index.js';

export interface Delivery {
  readonly event: VitalEvent;
  readonly outcome: Outcome;
  /** Our registration id at the national ID system. */
  readonly outwardKey: string;
  /** Where the source waits for the answer, as the intake stored it; undefined where it does not. */
  readonly replyTo?: unknown;
  readonly signal: AbortSignal;
}

/** `not-offered`: this way back has no place for such an outcome; `note` says so in words for the history. */
export type DeliveryResult =
  | { readonly result: 'delivered' }
  | { readonly result: 'not-offered'; readonly note: string };

/** A way to tell OpenCRVS how an event ended. Repeating a delivery does no harm. */
export interface WriteBack {
  readonly kind: 'none' | 'countryconfig' | 'openhim-fhir' | 'gateway-graphql' | 'events';
  /** @throws MediatorError `retry` codes, or `write_back_refused` when OpenCRVS rejects it for good */
  deliver(delivery: Delivery): Promise<DeliveryResult>;
}
