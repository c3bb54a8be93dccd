export type { EncryptionKey } from './keys.js';
export { loadSettings } from './load-settings.js';
export { loadMapping, type Mapping } from './mapping.js';
export { type Problem, SettingsError } from './problems.js';
export { type Definition, SECTIONS } from './settings/index.js';
export type {
  FhirAuth,
  FhirSettings,
  MosipSettings,
  NationalIdSettings,
  OpenCrvsClientSettings,
  OpenCrvsSettings,
  OpenCrvsTokenSettings,
  OpenHimSettings,
  Settings,
  StoreSettings,
  WriteBackSettings,
} from './settings-type.js';
