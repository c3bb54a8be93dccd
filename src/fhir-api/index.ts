export { type CapabilityFacts, capabilityStatement, type Interaction } from './capability-statement.js';
export { createFhirApi, type FhirApiOptions } from './fhir-api.js';
export { outcomeReply } from './operation-outcome.js';
export { createFhirProxy, type FhirProxyDeps, type FhirProxyOptions } from './proxy.js';
