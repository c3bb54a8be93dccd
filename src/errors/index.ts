export { type Disposition, ERROR_CODES, type ErrorCode } from './codes.js';
export { MediatorError, type MediatorErrorOptions, toMediatorError } from './mediator-error.js';
