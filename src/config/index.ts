export type { ConsoleValues } from './console-values.js';
export type { EncryptionKey } from './keys.js';
export { loadSettings } from './load-settings.js';
export { compileMapping, loadMapping, type Mapping, ruleFile } from './mapping.js';
export type {
  ESignetSettings,
  FhirApiSettings,
  FhirAuth,
  FhirSettings,
  MosipCredentialProofSettings,
  MosipIdentityAuthenticationSettings,
  MosipIdentityRepositorySettings,
  MosipSettings,
  NationalIdSettings,
  OsiaSettings,
  OsiaSubscriptionSettings,
} from './national-id-settings-type.js';
export type {
  OpenCrvsClientSettings,
  OpenCrvsSettings,
  OpenCrvsTokenSettings,
  RecordSearchSettings,
  WriteBackSettings,
} from './opencrvs-settings-type.js';
export { type Problem, SettingsError } from './problems.js';
export type { SettingSource } from './read-values.js';
export {
  type AgeRule,
  type AnswerRule,
  type FaultRule,
  type LookupRule,
  type Once,
  type RefusedRule,
  type RequestTemplate,
  type RestSettings,
  type Rule,
  readRestFile,
  type SecretReader,
  type SubmissionRule,
  type VerifyRule,
} from './rest/index.js';
export { DEFINITIONS, type Definition, SECTIONS, type SettingName } from './settings/index.js';
export type {
  DocumentSettings,
  OpenHimSettings,
  OperatorSettings,
  RetrySettings,
  Settings,
  StoreSettings,
} from './settings-type.js';
