import type { OpenCrvsSystemOptions } from '../../test/peers/opencrvs-system.js';
import { fixture } from '../../test/support/fixtures.js';
import { filteredDocument, webhookBody } from '../../test/support/opencrvs-shapes.js';
import type { World } from '../../test/support/world.js';
import type { System } from '../national-id/part.js';
import { actionsPart } from './actions.js';
import { hookPart } from './hook.js';
import type { OpenCrvsPart, Version } from './part.js';
import { countryConfig, fhirStore } from './way-back.js';
import { webhooksPart } from './webhooks.js';

/** How each version gives out tokens (reference/opencrvs.md 7). */
export const SYSTEMS: Readonly<Record<Version, OpenCrvsSystemOptions>> = {
  '1.2': { tokenMode: 'json' },
  '1.5': { tokenMode: 'query' },
  '1.8': { tokenMode: 'query' },
  '2.0': { tokenMode: 'body' },
};

export interface PartOptions {
  readonly mappingsDir: string;
  /** The national ID system whose numbers come back. */
  readonly system: System;
}

/** Gives a version its part in a world whose system is its own. */
export async function openPart(
  version: Version,
  world: World,
  { mappingsDir, system }: PartOptions,
): Promise<OpenCrvsPart> {
  switch (version) {
    case '1.2':
      return webhooksPart(
        world,
        {
          birth: fixture('opencrvs/birth-registered.webhook.json'),
          death: fixture('opencrvs/death-registered.webhook.json'),
        },
        system === 'mosip' ? countryConfig : fhirStore,
      );
    case '1.5':
      return webhooksPart(
        world,
        {
          birth: webhookBody('BIRTH_REGISTERED', filteredDocument('birth')),
          death: webhookBody('DEATH_REGISTERED', filteredDocument('death')),
        },
        countryConfig,
      );
    case '1.8':
      return hookPart(world, mappingsDir);
    case '2.0':
      return actionsPart(world, mappingsDir);
  }
}
