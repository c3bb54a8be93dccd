export { fromEventDocument } from './from-event-document.js';
export { fromFhirStore } from './from-fhir-store.js';
export { fromRecordSearch } from './from-record-search.js';
export type { IncompleteEvent, PartsSource } from './parts-source.js';
export {
  createRecordReader,
  type RecordReader,
  type RecordReaderDeps,
  type RecordReaderOptions,
} from './record-reader.js';
