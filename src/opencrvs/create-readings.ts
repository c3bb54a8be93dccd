import type { DocumentSettings, OpenCrvsSettings } from '../config/index.js';
import type { OutboundClient, TokenSource } from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';
import type { Health, Logger, Metrics } from '../telemetry/index.js';
import { createEventReads } from './event-reads.js';
import { createEventRegistrations } from './event-registrations.js';
import { createFhirReads } from './fhir-reads.js';
import { createLocations } from './locations.js';
import { loadEventDocumentMappings } from './readers/event-document/index.js';
import {
  createRecordReader,
  fromEventDocument,
  fromFhirStore,
  fromRecordSearch,
  type PartsSource,
  type RecordReader,
} from './record-reader/index.js';
import { createRecordSearch } from './record-search/index.js';
import type { RegistrationSource } from './registration-list.js';
import { createSystemToken } from './system-token.js';

export interface ReadingsDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Of our own system client; undefined where there is none. */
  readonly tokens: TokenSource | undefined;
}

/** What is read at OpenCRVS of our own accord. */
export interface Readings {
  readonly recordReader: RecordReader;
  /** Where registrations can be listed and read: by record search (1.5 to 1.9) or at the events service (2.x). */
  readonly registrationList: RegistrationSource | undefined;
  stop(): void;
}

/** @throws MediatorError `mapping_failed` */
export function createReadings(
  deps: ReadingsDeps,
  { readMore, recordSearch }: Pick<OpenCrvsSettings, 'readMore' | 'recordSearch'>,
  mappingsDir: string,
  documents: DocumentSettings,
): Readings {
  const { log, tokens } = deps;
  const { source: from, locationsUrl, parts } = readMore;
  const locations = locationsUrl === undefined ? undefined : createLocations(deps, { url: locationsUrl });
  const searchTokens = recordSearch && createSystemToken(deps, recordSearch.client, { check: 'opencrvs-search-token' });
  const search = recordSearch && searchTokens && createRecordSearch({ ...deps, tokens: searchTokens }, recordSearch);
  const isEvents = from.kind === 'events' && tokens !== undefined;
  const events = isEvents ? createEventReads({ ...deps, tokens }, from.url) : undefined;
  const mappings = isEvents ? loadEventDocumentMappings(mappingsDir, documents) : undefined;

  const createSource = (): PartsSource => {
    if (from.kind === 'record-search' && search !== undefined) return fromRecordSearch({ search, log });
    if (events !== undefined && mappings !== undefined) return fromEventDocument({ events, mappings });
    const isFhir = from.kind === 'openhim-fhir' && tokens !== undefined;
    return fromFhirStore({ fhir: isFhir ? createFhirReads({ ...deps, tokens }, from.url) : undefined, locations });
  };

  return {
    recordReader: createRecordReader({ source: createSource(), locations, log }, { parts }),
    registrationList: search ?? (events && mappings && createEventRegistrations({ events, mappings })),
    stop() {
      search?.stop();
      searchTokens?.stop();
    },
  };
}
