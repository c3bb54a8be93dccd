export { requestIdOf } from './declaration.js';
export { type Action, type EventDocument, parseEventDocument } from './document.js';
export { type EventDocumentMappings, loadEventDocumentMappings, readEventDocument } from './read-event-document.js';
export { readRegistration } from './registration.js';
