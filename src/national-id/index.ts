export { type Authorization, createAuthorization } from './authorization.js';
export { createNationalIdSystem, type NationalIdSystemDeps } from './create-national-id-system.js';
export { describeSystems, type SystemDescription } from './describe-systems.js';
export { createESignet, type ESignet, type UserInfo } from './esignet/index.js';
export { fhirBaseUrl, type IssueType } from './fhir/index.js';
export {
  createNationalIdSystems,
  type NationalIdSystems,
  type NationalIdSystemsSettings,
} from './national-id-systems.js';
export type {
  AcceptCallback,
  Answer,
  Biometrics,
  CallbackAnswer,
  CallbackDoor,
  CallbackDoors,
  Capability,
  Hint,
  NationalIdSystem,
  NationalIdSystemName,
  NotificationDoor,
  Progress,
  Standing,
  Submission,
} from './port.js';
export type { Probe, ProbeDeps } from './probe.js';
export { logInProbes, nationalIdProbes } from './probes.js';
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
  Verification,
} from './queries.js';
