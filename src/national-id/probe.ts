import type { OutboundClient } from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';

export interface ProbeDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** A question that shows whether the settings of a system are right. It changes nothing there. */
export interface Probe {
  /** Which part of the system it is about. */
  readonly about: string;
  /** What to look at when it fails. */
  readonly next: string;
  /**
   * What was found, in plain words.
   *
   * @throws MediatorError with words for the operator
   */
  run(signal: AbortSignal): Promise<string>;
}
