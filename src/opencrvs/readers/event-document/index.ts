export { requestIdOf } from './declaration.js';
export { type Action, type EventDocument, parseEventDocument } from './document.js';
export { EVENT_DOCUMENT_MAPPING, type EventDocumentMappings, readEventDocument } from './read-event-document.js';
