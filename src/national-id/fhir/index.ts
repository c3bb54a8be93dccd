export { fhirBaseUrl } from './base-url.js';
export { createFhirSystem, type FhirSystemDeps } from './fhir-system.js';
export type { IssueType } from './issue-type.js';
export { fhirProbes } from './probes.js';
