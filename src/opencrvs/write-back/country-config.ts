import { z } from 'zod';
import type { Mapping } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { serviceUrl } from '../../outbound/index.js';
import type { Caller } from './caller.js';
import type { WriteBack } from './port.js';

export const COUNTRY_CONFIG_MAPPING = 'opencrvs/countryconfig.jsonata';

/** `BRN` finds the record; the rest is what the country's endpoint reads. */
const Body = z.object({ BRN: z.string().min(1) }).catchall(z.string().min(1));

/**
 * OpenCRVS 1.0 to 1.6: the endpoint of the country configuration, directly or through an OpenHIM channel
 * (reference/opencrvs.md 4.7). It replaces what it has, so a repetition does no harm. An unknown registration number
 * is a 500 there and is retried.
 */
export function createCountryConfigWriteBack(call: Caller, baseUrl: string, mapping: Mapping): WriteBack {
  const url = serviceUrl(baseUrl, '/mosip-openhim-mediator');
  return {
    kind: 'countryconfig',
    async deliver({ event, outcome, outwardKey, signal }) {
      if (event.kind !== 'birth') {
        return { result: 'not-offered', note: 'The country configuration endpoint takes births only.' };
      }
      if (outcome.result !== 'issued') {
        return { result: 'not-offered', note: 'The country configuration endpoint takes issued numbers only.' };
      }
      const body = Body.safeParse(await mapping.apply({ event, identity: outcome.identity, outwardKey }));
      if (!body.success) {
        throw new MediatorError('mapping_failed', {
          message: `The result of ${COUNTRY_CONFIG_MAPPING} is not an object of texts with a BRN.`,
        });
      }
      await call({
        operation: 'write-outcome',
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body.data),
        signal,
      });
      return { result: 'delivered' };
    },
  };
}
