import { parseDelivery, readDelivery } from '../src/opencrvs/index.js';
import type { VitalEvent } from '../src/vital-events/index.js';
import { fixture } from '../test/support/fixtures.js';

/** A registration as OpenCRVS sends it, of a person who does not exist. */
export interface Registration {
  readonly webhook: unknown;
  readonly event: VitalEvent;
  /** Name of the child or of the deceased. */
  readonly name: string;
}

function registration(file: string): Registration {
  const webhook = fixture<unknown>(file);
  const reading = readDelivery(parseDelivery(webhook));
  if (!reading.ok) throw new Error(`${file}: ${reading.reason}`);
  const [name] = reading.event.subject.names;
  return { webhook, event: reading.event, name: [...(name?.given ?? []), name?.family].join(' ') };
}

export const invented = {
  birth: () => registration('opencrvs/birth-registered.webhook.json'),
  death: () => registration('opencrvs/death-registered.webhook.json'),
} as const;
