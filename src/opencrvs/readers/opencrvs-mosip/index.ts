export { readStoredToken, recordReplyAddress } from './record-token.js';
export { createRegistrationRequestReader, type RegistrationRequestReader } from './registration-request.js';
