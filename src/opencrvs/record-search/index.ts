export { createRecordSearch, type RecordSearch, type RecordSearchDeps, type WantedRecord } from './record-search.js';
