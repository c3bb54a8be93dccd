import { MediatorError } from '../../src/errors/index.js';
import { parseDelivery, readDelivery, type WebhookTopic } from '../../src/opencrvs/readers/index.js';
import type { Reading } from '../../src/vital-events/index.js';
import { fixture } from './fixtures.js';

/** A FHIR resource of a fixture: only the members that the changes below look at are known. */
export interface FhirResource {
  readonly resourceType: string;
  readonly id: string;
  readonly identifier?: readonly { readonly type?: unknown; readonly system?: string; readonly value: string }[];
  readonly name?: readonly { readonly family: string | readonly string[] }[];
}

export interface FhirBundle {
  readonly resourceType: 'Bundle';
  readonly type?: string;
  readonly entry: readonly { readonly fullUrl?: string; readonly resource: FhirResource }[];
}

/** Ids in the fixtures. */
export const ID = {
  birthTask: '28ac4f0f-33bb-4c42-8b6d-626f9549b97e',
  birthComposition: '8c8fca98-e7fc-4a10-8d62-9aa1eaae9b0d',
  child: 'aafcb2cf-bbb7-4e1d-b458-99c7822add1e',
  mother: '65bd96ea-2ccc-449f-b7f3-43d068d7ef98',
  father: '162758b2-14ac-4fa1-9ec9-1d3183ddc8fb',
  birthInformant: '3ddbf73b-d135-4b81-809c-0bdc6c192d9e',
  deathTask: '85c33903-44dc-46a1-9920-da67bca1d3c8',
  deceased: '4e201479-2a50-4553-84b8-9e3c238b7361',
  spouse: '0e32f85d-db46-4deb-8ed6-ca3d9d962119',
  deathInformant: 'a55eb01b-eb81-4bd5-ac25-3b9e63e54771',
  facility: '998930cf-c0af-433f-b54e-b9805950347e',
} as const;

/** The bundle in a shipped webhook body. */
export function webhookBundle(kind: 'birth' | 'death'): FhirBundle {
  const { event } = fixture<{ event: { context: [FhirBundle] } }>(`opencrvs/${kind}-registered.webhook.json`);
  return event.context[0];
}

/** A shipped full record (1.7). */
export function fullBundle(kind: 'birth' | 'death'): FhirBundle {
  return fixture<FhirBundle>(`opencrvs/${kind}-bundle-full.json`);
}

export function webhookBody(topic: WebhookTopic, bundle: unknown): unknown {
  return {
    timestamp: '2024-02-19T08:41:13.002Z',
    id: 'e681bc4f-8a11-49e4-a20e-29c305daa1e1',
    event: { hub: { topic }, context: [bundle] },
  };
}

function mapResources(bundle: FhirBundle, change: (resource: FhirResource) => FhirResource): FhirBundle {
  return { ...bundle, entry: bundle.entry.map((entry) => ({ ...entry, resource: change(entry.resource) })) };
}

/** With members of one resource replaced; `undefined` takes a member away. */
export function patched(bundle: FhirBundle, id: string, members: Readonly<Record<string, unknown>>): FhirBundle {
  return mapResources(bundle, (resource) => (resource.id === id ? { ...resource, ...members } : resource));
}

export function keeping(bundle: FhirBundle, keep: (resource: FhirResource) => boolean): FhirBundle {
  return { ...bundle, entry: bundle.entry.filter(({ resource }) => keep(resource)) };
}

export function without(bundle: FhirBundle, id: string): FhirBundle {
  return keeping(bundle, (resource) => resource.id !== id);
}

export function adding(bundle: FhirBundle, ...resources: readonly unknown[]): FhirBundle {
  return {
    ...bundle,
    entry: [...bundle.entry, ...resources.map((resource) => ({ resource: resource as FhirResource }))],
  };
}

export function reversed(bundle: FhirBundle): FhirBundle {
  return { ...bundle, entry: bundle.entry.toReversed() };
}

function mapIdentifierTypes(bundle: FhirBundle, change: (code: string, index: number) => unknown): FhirBundle {
  const codeOf = (type: unknown): string =>
    typeof type === 'string' ? type : (type as { coding: [{ code: string }] }).coding[0].code;
  return mapResources(bundle, (resource) =>
    resource.resourceType === 'Patient' && resource.identifier !== undefined
      ? {
          ...resource,
          identifier: resource.identifier.map((identifier, index) => ({
            ...identifier,
            type: change(codeOf(identifier.type), index),
          })),
        }
      : resource,
  );
}

/** Identifier types as 1.0-1.2 write them. */
export function withStringTypes(bundle: FhirBundle): FhirBundle {
  return mapIdentifierTypes(bundle, (code) => code);
}

/** Identifier types as 1.3-1.4 write them for a child: coded, without a system. */
export function withCodedTypes(bundle: FhirBundle): FhirBundle {
  return mapIdentifierTypes(bundle, (code) => ({ coding: [{ code }] }));
}

/** Both forms in one Patient, as after a migration. */
export function withMixedTypes(bundle: FhirBundle): FhirBundle {
  return mapIdentifierTypes(bundle, (code, index) => (index % 2 === 0 ? { coding: [{ code }] } : code));
}

/** Family names as 1.0-1.6 write them. */
export function withFamilyLists(bundle: FhirBundle): FhirBundle {
  return mapResources(bundle, (resource) =>
    resource.name === undefined || !Array.isArray(resource.name)
      ? resource
      : { ...resource, name: resource.name.map((name) => ({ ...name, family: [name.family].flat() })) },
  );
}

/** Each resource `times` times: what the n-th subscriber gets from 1.0-1.4. */
export function copied(bundle: FhirBundle, times: number): FhirBundle {
  const [task, ...others] = bundle.entry;
  return { ...bundle, entry: [...(task ? [task] : []), ...Array.from({ length: times }, () => others).flat()] };
}

/** What a NATIONAL_ID subscriber of 1.5-1.6 gets of a stored record: a document, and no Composition. */
export function filteredDocument(kind: 'birth' | 'death'): FhirBundle {
  const sent = new Set(['Task', 'DocumentReference', 'RelatedPerson', ...(kind === 'death' ? ['Encounter'] : [])]);
  const patients: ReadonlySet<string> = new Set(kind === 'birth' ? [ID.child, ID.mother, ID.father] : [ID.deceased]);
  return keeping(
    withFamilyLists(fullBundle(kind)),
    (resource) => sent.has(resource.resourceType) || patients.has(resource.id),
  );
}

const WAITING = { coding: [{ system: 'http://opencrvs.org/specs/reg-status', code: 'WAITING_VALIDATION' }] };

/** A full record as the hook of 1.7 and 1.8 sends it: it waits, and has no number anywhere (reference/opencrvs.md 4.7). */
export function waitingRecord(kind: 'birth' | 'death'): FhirBundle {
  const task = kind === 'birth' ? ID.birthTask : ID.deathTask;
  return mapResources(patched(fullBundle(kind), task, { businessStatus: WAITING }), (resource) => {
    const { identifier } = resource;
    // That of a Composition is a single one.
    if (!Array.isArray(identifier)) return resource;
    return {
      ...resource,
      identifier: identifier.filter((entry) => !/registration.number/i.test(JSON.stringify(entry))),
    };
  });
}

/** Reads a webhook's body as the intake does; a body that is refused at the door gives its reason. */
export function readWebhook(body: unknown): Reading {
  try {
    return readDelivery(parseDelivery(body));
  } catch (thrown) {
    if (thrown instanceof MediatorError && thrown.code === 'payload_invalid') {
      return { ok: false, code: 'event_unreadable', reason: thrown.message };
    }
    throw thrown;
  }
}
