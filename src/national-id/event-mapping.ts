import { type DocumentSettings, loadMapping } from '../config/index.js';
import { admittedDocuments, NO_DOCUMENTS, type VitalEvent } from '../vital-events/index.js';
import type { Biometrics } from './port.js';

/** Where the mappings for a system are, and what of the documents of an event they may pass on; absent: none. */
export interface MappingSource {
  readonly dir: string;
  readonly documents?: DocumentSettings;
}

/** A mapping of events, and what of their documents it can pass on. */
export interface EventMapping {
  readonly biometrics: Biometrics;
  /** The result is unknown until a schema has parsed it. @throws MediatorError `mapping_failed`, `mapping_timeout` */
  apply<I extends { readonly event: VitalEvent }>(input: I): Promise<unknown>;
}

/** The input with the event's documents as far as these settings let them out, also where it came by others. */
export function withDocuments<I extends { readonly event: VitalEvent }>(input: I, settings: DocumentSettings): I {
  const { documents, ...event } = input.event;
  return { ...input, event: { ...event, ...admittedDocuments(documents, settings) } };
}

/**
 * Loads a mapping of events. One that does not name their `documents` gets none, so that what is declared of a system is
 * what can leave by it.
 *
 * @throws MediatorError `mapping_failed` when the file cannot be read or compiled
 */
export function loadEventMapping({ dir, documents = NO_DOCUMENTS }: MappingSource, file: string): EventMapping {
  const mapping = loadMapping(dir, file);
  const given = mapping.names('documents') ? documents : NO_DOCUMENTS;
  return { biometrics: given.pass, apply: (input) => mapping.apply(withDocuments(input, given)) };
}

/** What can leave by any of several mappings of one system. */
export function mostOf(mappings: readonly Pick<EventMapping, 'biometrics'>[]): Biometrics {
  return mappings.map(({ biometrics }) => biometrics).find((biometrics) => biometrics !== 'none') ?? 'none';
}
