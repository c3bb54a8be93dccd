export { createNationalIdSystem, type NationalIdSystemDeps } from './create-national-id-system.js';
export { fhirAuthorization, fhirBaseUrl, type IssueType } from './fhir/index.js';
export type {
  Answer,
  CallbackAnswer,
  CallbackDoor,
  Capability,
  NationalIdSystem,
  NationalIdSystemName,
  Submission,
} from './port.js';
export type {
  AgeAnswer,
  AgeQuestion,
  Candidate,
  ClaimAttribute,
  IdentityClaim,
  KnownPerson,
  Lookup,
  LookupKey,
  MatchGrade,
  Matching,
  MatchOptions,
  Standing,
  Verification,
} from './queries.js';
