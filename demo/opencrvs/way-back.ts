import type { Stage } from '../stage.js';

/** A way by which a number comes back to an OpenCRVS with webhooks (docs/write-back.md). */
export interface WayBack {
  readonly environment: Readonly<Record<string, string>>;
  /** Waits until the outcome of a birth has come, and tells how; gives the number that the record now holds. */
  written(stage: Stage, registrationNumber: string): Promise<string | undefined>;
}

function numberIn({ world }: Stage, registrationNumber: string, type: string): string | undefined {
  const [record] = world.opencrvs.records.search(registrationNumber);
  const stored: unknown = record?.identifier?.find((identifier) => identifier.type === type)?.value;
  return typeof stored === 'string' ? stored : undefined;
}

/** 1.0 to 1.6: the endpoint that the country configuration has for MOSIP. It keeps tokens and VIDs only. */
export const countryConfig: WayBack = {
  environment: { OPENCRVS_WRITE_BACK: 'countryconfig' },
  async written(stage, registrationNumber) {
    const { countryConfig: peer } = stage.world.opencrvs;
    const write = await stage.see(peer, 'OpenCRVS has got the identity', () => peer.identities.get(registrationNumber));
    stage.saw(`POST /mosip-openhim-mediator: ${JSON.stringify(write)}`);
    return numberIn(stage, registrationNumber, 'MOSIP_PSUT_TOKEN_ID');
  },
};

/** 1.0 to 1.4: the FHIR store, which keeps any number. */
export const fhirStore: WayBack = {
  environment: { OPENCRVS_WRITE_BACK: 'openhim-fhir' },
  async written(stage, registrationNumber) {
    const { fhir } = stage.world.opencrvs;
    const number = await stage.see(fhir, 'OpenCRVS has got the identity', () =>
      numberIn(stage, registrationNumber, 'NATIONAL_ID'),
    );
    stage.saw(`PUT /fhir/Patient/{id} of the child: NATIONAL_ID ${number} added.`);
    return number;
  },
};
