import type { ESignetSettings, NationalIdSettings } from '../config/index.js';
import { esignetProbes } from './esignet/index.js';
import { fhirProbes } from './fhir/index.js';
import { mosipProbes } from './mosip/index.js';
import { osiaProbes } from './osia/index.js';
import type { Probe, ProbeDeps } from './probe.js';
import { restProbes } from './rest/index.js';

/** What can be tried of a configured system. */
export function nationalIdProbes(deps: ProbeDeps, settings: NationalIdSettings): readonly Probe[] {
  switch (settings.system) {
    case 'mosip':
      return mosipProbes(deps, settings.mosip);
    case 'osia':
      return osiaProbes(deps, settings.osia);
    case 'fhir':
      return fhirProbes(deps, settings.fhir);
    case 'rest':
      return restProbes(deps, settings.rest);
  }
}

/** What can be tried of e-Signet. */
export function logInProbes(deps: ProbeDeps, settings: ESignetSettings): readonly Probe[] {
  return esignetProbes(deps, settings);
}
