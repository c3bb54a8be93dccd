import type { Biometrics, Capability, NationalIdSystemName } from '../national-id/index.js';

/** FHIR R4's codes for what a server does with a resource type (system-restful-interaction, type-restful-interaction). */
export type Interaction = 'read' | 'vread' | 'update' | 'patch' | 'delete' | 'create' | 'search-type';

export interface CapabilityFacts {
  readonly system: NationalIdSystemName;
  /** Version of this mediator. */
  readonly version: string;
  /** When the statement came to hold, as FHIR dateTime. */
  readonly date: string;
  /** What the mediator does with civil registration events at the national ID system. */
  readonly capabilities: ReadonlySet<Capability>;
  /** What of documents and biometrics goes there with them. */
  readonly biometrics: Biometrics;
  /** What callers may do here. */
  readonly offer: RestOffer;
}

/** `CapabilityStatement.rest` without its mode. */
export interface RestOffer {
  readonly documentation: string;
  readonly resource?: readonly Readonly<Record<string, unknown>>[];
  /** On the whole system. */
  readonly interaction?: readonly Readonly<Record<string, unknown>>[];
}

const EVENTS: Partial<Record<Capability, string>> = {
  issue: 'births',
  deactivate: 'deaths',
  update: 'corrections',
  reactivate: 'cancellations',
};

const inWords = new Intl.ListFormat('en');

function describe({ system, capabilities, biometrics }: CapabilityFacts): string {
  const events = [...capabilities].flatMap((capability) => EVENTS[capability] ?? []);
  const sends =
    events.length === 0 ? '' : ` It sends it the ${inWords.format(events)} that civil registration registers.`;
  return `National ID Mediator in front of the national ID system (${system}).${sends} Biometrics: ${biometrics}.`;
}

/**
 * The FHIR R4 CapabilityStatement of this instance. It claims what the facade itself does and nothing of what lies behind
 * it, and holds no address: ours is not known here, and that of the system is internal.
 */
export function capabilityStatement(facts: CapabilityFacts): Readonly<Record<string, unknown>> {
  const { version, date, offer } = facts;
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date,
    publisher: 'National ID Mediator',
    kind: 'instance',
    software: { name: 'National ID Mediator', version },
    implementation: { description: describe(facts) },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [{ mode: 'server', ...offer }],
  };
}
