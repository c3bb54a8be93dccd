export { type Disposition, ERROR_CODES, type ErrorCode } from './codes.js';
export { EXPLANATIONS, type Explanation } from './explanations.js';
export { MediatorError, type MediatorErrorOptions, toMediatorError } from './mediator-error.js';
export { parseJson } from './parse-json.js';
