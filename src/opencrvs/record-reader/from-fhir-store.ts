import { MediatorError } from '../../errors/index.js';
import type { RegistrationKind, VitalEvent } from '../../vital-events/index.js';
import type { FhirReads } from '../fhir-reads.js';
import type { Locations } from '../locations.js';
import { sectionReferences, sectionResource } from '../readers/people.js';
import { readRecord } from '../readers/record.js';
import type { ResourceType } from '../readers/resources.js';
import { RECORD_PARTS, type RecordPart } from '../record-part.js';
import { createGathering, type Gathering } from './gathering.js';
import type { PartsSource } from './parts-source.js';
import { sentEntries } from './sent-body.js';

export interface FhirStoreDeps {
  /** Absent where this OpenCRVS offers no FHIR reads: then only a place can be added, of a record that names one. */
  readonly fhir: FhirReads | undefined;
  /** Absent: locations are read from the FHIR store too. */
  readonly locations: Locations | undefined;
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
  const sent = gathering.open();
  const record = { kind, bundle: sent, composition: sent.only('Composition') };
  const { type, code } = SECTIONS[part];
  const section = code(kind);
  await gathering.include(type, sectionReferences(record, section)[0]);

  const grown = { ...record, bundle: gathering.open() };
  if (part === 'informant') {
    await gathering.include('Patient', sectionResource(grown, section, 'RelatedPerson')?.patient);
  }
  if (part === 'place') {
    await gathering.include('Location', sectionResource(grown, section, 'Encounter')?.location[0]?.location);
  }
}

/**
 * The FHIR store of OpenCRVS 1.0 to 1.4, for what came by webhook (reference/opencrvs.md 3.6, 4.6). Each missing resource
 * is read on its own, by its id: the narrowest thing that a system token can ask for.
 */
export function fromFhirStore({ fhir, locations }: FhirStoreDeps): PartsSource {
  return {
    async read({ event, raw, lacking, signal }) {
      const { kind } = event;
      const sent = sentEntries(raw);
      if (sent === undefined || (kind !== 'birth' && kind !== 'death')) return {};

      const gathering = createGathering(sent, async (type, id) =>
        type === 'Location' && locations !== undefined ? locations.read(id) : fhir?.read(type, id, signal),
      );
      if (fhir !== undefined) await includeComposition(gathering, event);
      for (const part of lacking) await includePart(gathering, kind, part);
      if (!gathering.hasGrown) return {};

      const reading = readRecord(gathering.payload, kind);
      if (!reading.ok) {
        throw new MediatorError('event_unreadable', {
          message: `The record as OpenCRVS stores it cannot be understood: ${reading.reason}`,
        });
      }
      // All of them: a parent who was told by gender is told by the Composition now.
      return Object.fromEntries(RECORD_PARTS.map((part) => [part, reading.event[part]]));
    },
  };
}
