import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { RegistrationKind, VitalEvent } from '../../vital-events/index.js';
import type { FhirReads } from '../fhir-reads.js';
import type { Locations } from '../locations.js';
import { sectionReferences } from '../readers/people.js';
import { readRecord } from '../readers/record.js';
import type { ResourceType } from '../readers/resources.js';
import { createGathering, type Gathering } from './gathering.js';
import { withPlaceNames } from './place-names.js';

/** Parts of an event that a webhook may leave out and that can be read afterwards. */
export const RECORD_PARTS = ['mother', 'father', 'spouse', 'informant', 'place'] as const;
export type RecordPart = (typeof RECORD_PARTS)[number];

export interface RecordReaderDeps {
  /** Absent where this OpenCRVS offers no FHIR reads: then only a place can be added, of a record that names one. */
  readonly fhir: FhirReads | undefined;
  /** Absent: locations are read from the FHIR store too. */
  readonly locations: Locations | undefined;
  readonly log: Logger;
}

export interface RecordReaderOptions {
  /** What the mapping needs: nothing is read for an event that has all of it. */
  readonly parts: readonly RecordPart[];
}

/** Reads what a webhook of OpenCRVS 1.x left out (reference/opencrvs.md 3.6, 4.6). */
export interface RecordReader {
  /**
   * The event with the needed parts it lacked, as far as the record has them, and with the names of districts and
   * states where locations are read. `raw` is the webhook's body; to an event that came by another way no part is added.
   *
   * @throws MediatorError `peer_…` codes; `event_unreadable` when the whole record contradicts what was sent
   */
  completeEvent(event: VitalEvent, raw: string, signal: AbortSignal): Promise<VitalEvent>;
}

const Webhook = z.object({
  event: z.object({ context: z.tuple([z.object({ resourceType: z.literal('Bundle'), entry: z.array(z.unknown()) })]) }),
});

function sentEntries(raw: string): readonly unknown[] | undefined {
  try {
    return Webhook.safeParse(JSON.parse(raw)).data?.event.context[0].entry;
  } catch {
    // No JSON: not a webhook's body, and there is nothing to be said about it here.
    return undefined;
  }
}

function isLacking(event: VitalEvent, part: RecordPart): boolean {
  return part === 'informant' ? event.informant?.person === undefined : event[part] === undefined;
}

/** The Composition says which resource is what. Without one in reach the record cannot be completed from the store. */
async function includeComposition(gathering: Gathering, event: VitalEvent): Promise<void> {
  const reference = event.recordId === undefined ? undefined : `Composition/${event.recordId}`;
  await gathering.include('Composition', reference);
  if (gathering.open().only('Composition') !== undefined || reference === undefined) return;
  throw new MediatorError('peer_misconfigured', {
    message: 'The OpenCRVS FHIR store has no Composition for this record: OPENCRVS_FHIR_URL may not lead to it.',
  });
}

/** Sections of the Composition by part (4.1), and the type of what they name. */
const SECTIONS: Readonly<
  Record<RecordPart, { readonly type: ResourceType; readonly code: (kind: RegistrationKind) => string }>
> = {
  mother: { type: 'Patient', code: () => 'mother-details' },
  father: { type: 'Patient', code: () => 'father-details' },
  spouse: { type: 'Patient', code: () => 'spouse-details' },
  informant: { type: 'RelatedPerson', code: () => 'informant-details' },
  place: { type: 'Encounter', code: (kind) => `${kind}-encounter` },
};

/** Includes what the part's section names, and what that in turn points to. */
async function includePart(gathering: Gathering, kind: RegistrationKind, part: RecordPart): Promise<void> {
  const bundle = gathering.open();
  const composition = bundle.only('Composition');
  const { type, code } = SECTIONS[part];
  const [reference] = sectionReferences({ kind, bundle, composition }, code(kind));
  await gathering.include(type, reference);

  const grown = gathering.open();
  if (part === 'informant') {
    const related = composition === undefined ? grown.only('RelatedPerson') : grown.find('RelatedPerson', reference);
    await gathering.include('Patient', related?.patient);
  }
  if (part === 'place') {
    const encounter = composition === undefined ? grown.only('Encounter') : grown.find('Encounter', reference);
    await gathering.include('Location', encounter?.location[0]?.location);
  }
}

/** The event with these parts as the whole record has them. What it does not have stays as it was told. */
function withParts(event: VitalEvent, whole: VitalEvent, parts: readonly RecordPart[]): VitalEvent {
  const found = parts.filter((part) => whole[part] !== undefined);
  return { ...event, ...Object.fromEntries(found.map((part) => [part, whole[part]])) };
}

/** Reads each missing resource on its own, by its id: the narrowest thing that a system token can ask for (4.6). */
export function createRecordReader(deps: RecordReaderDeps, options: RecordReaderOptions): RecordReader {
  const { fhir, locations, log } = deps;
  const { parts } = options;

  const withLackingParts: RecordReader['completeEvent'] = async (event, raw, signal) => {
    const { kind } = event;
    if (kind !== 'birth' && kind !== 'death') return event;
    const lacking = parts.filter((part) => isLacking(event, part));
    const sent = lacking.length === 0 ? undefined : sentEntries(raw);
    if (sent === undefined) return event;

    const gathering = createGathering(sent, async (type, id) =>
      type === 'Location' && locations !== undefined ? locations.read(id) : fhir?.read(type, id, signal),
    );
    if (fhir !== undefined) await includeComposition(gathering, event);
    for (const part of lacking) await includePart(gathering, kind, part);
    if (!gathering.hasGrown) return event;

    const reading = readRecord(gathering.payload, kind);
    if (!reading.ok) {
      throw new MediatorError('event_unreadable', {
        message: `The record as OpenCRVS stores it cannot be understood: ${reading.reason}`,
      });
    }
    return withParts(event, reading.event, parts);
  };

  return {
    async completeEvent(event, raw, signal) {
      const whole = await withLackingParts(event, raw, signal);
      return locations === undefined ? whole : withPlaceNames({ locations, log }, whole);
    },
  };
}
