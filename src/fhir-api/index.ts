export { type CapabilityFacts, capabilityStatement, type Interaction, type RestOffer } from './capability-statement.js';
export { createFacade, type Facade, type FacadeDeps, type FacadeOptions } from './facade/index.js';
export { createFhirApi, type FhirApi, type FhirApiOptions } from './fhir-api.js';
export { outcomeReply } from './operation-outcome.js';
export { createFhirProxy, type FhirProxyDeps, type FhirProxyOptions } from './proxy.js';
