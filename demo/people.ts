import { createRegistrations, parseDelivery, readDelivery } from '../src/opencrvs/index.js';
import type { Reading, VitalEvent } from '../src/vital-events/index.js';

/** What OpenCRVS sends about a person who does not exist, and what the mediator will read in it. */
export interface Registration {
  readonly body: unknown;
  readonly event: VitalEvent;
  /** Name of the child or of the deceased. */
  readonly name: string;
}

function registration(body: unknown, reading: Reading): Registration {
  if (!reading.ok) throw new Error(`the demo's own registration cannot be read: ${reading.reason}`);
  const [name] = reading.event.subject.names;
  return { body, event: reading.event, name: [...(name?.given ?? []), name?.family].join(' ') };
}

/** A registration that a webhook tells. */
export function registrationIn(webhook: unknown): Registration {
  return registration(webhook, readDelivery(parseDelivery(webhook)));
}

/** A registration, or another action, that OpenCRVS asks about before it is done. */
export async function openRequest(body: unknown, about: object, mappingsDir: string): Promise<Registration> {
  const token = { token: '', claims: { sub: 'registrar', scope: [], iat: 0, exp: 0, ...about } };
  const { reading } = await createRegistrations({ mappingsDir }).read(body, token);
  return registration(body, reading);
}
