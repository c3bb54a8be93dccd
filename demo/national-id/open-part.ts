import type { World } from '../../test/support/world.js';
import type { OpenCrvsPart } from '../opencrvs/part.js';
import { fhirPart } from './fhir.js';
import { holderIn } from './holder.js';
import { mosipPart } from './mosip.js';
import { osiaPart } from './osia.js';
import type { NationalIdPart, System } from './part.js';
import { registryPart } from './registry.js';

/** Gives a national ID system its part beside this OpenCRVS. */
export async function openPart(system: System, world: World, opencrvs: OpenCrvsPart): Promise<NationalIdPart> {
  switch (system) {
    case 'mosip':
      return mosipPart(world);
    case 'osia':
      return osiaPart(holderIn(opencrvs));
    case 'fhir':
      return fhirPart(world, holderIn(opencrvs));
    case 'rest':
      return registryPart(world, holderIn(opencrvs));
  }
}
