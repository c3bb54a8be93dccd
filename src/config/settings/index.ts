import type { z } from 'zod';
import type { Definition } from './definition.js';
import { mappings, nationalId } from './national-id.js';
import { opencrvs } from './opencrvs.js';
import { openhim } from './openhim.js';
import { service } from './service.js';
import { esignet, identityAuthentication } from './verification.js';

/** Every setting by its name in the environment, in the order of the documentation, by section. */
export const SECTIONS = {
  Service: service,
  OpenHIM: openhim,
  OpenCRVS: opencrvs,
  'National ID system': nationalId,
  'Identity authentication of MOSIP': identityAuthentication,
  'e-Signet': esignet,
  Mappings: mappings,
} as const satisfies Record<string, Record<string, Definition>>;

export const DEFINITIONS = {
  ...service,
  ...openhim,
  ...opencrvs,
  ...nationalId,
  ...identityAuthentication,
  ...esignet,
  ...mappings,
};

export type SettingName = keyof typeof DEFINITIONS;

/** All settings, read and defaulted, still under their flat names. */
export type Values = { readonly [N in SettingName]: z.output<(typeof DEFINITIONS)[N]['schema']> };

export type { Definition } from './definition.js';
