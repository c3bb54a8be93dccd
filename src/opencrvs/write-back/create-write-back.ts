import { loadMapping, type WriteBackSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { OutboundClient, TokenSource } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Health } from '../../telemetry/index.js';
import { createCaller } from './caller.js';
import { COUNTRY_CONFIG_MAPPING, createCountryConfigWriteBack } from './country-config.js';
import { noWriteBack } from './none.js';
import { createOpenHimFhirWriteBack, OPENHIM_FHIR_MAPPING } from './openhim-fhir.js';
import type { WriteBack } from './port.js';

export interface WriteBackDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  /** The system token; may be absent where nothing is written back. */
  readonly tokens: TokenSource | undefined;
  readonly health: Health;
}

export interface WriteBackOptions {
  readonly mappingsDir: string;
}

/**
 * The configured way back to OpenCRVS, its mapping read and compiled. Health check `opencrvs-write-back`, where there is
 * one.
 *
 * @throws MediatorError `mapping_failed`, `settings_invalid` without the tokens it needs
 */
export function createWriteBack(
  deps: WriteBackDeps,
  settings: WriteBackSettings,
  { mappingsDir }: WriteBackOptions,
): WriteBack {
  if (settings.kind === 'none') return noWriteBack;
  const { outbound, clock, tokens, health } = deps;
  if (tokens === undefined) {
    throw new MediatorError('settings_invalid', { message: 'The write-back needs the OpenCRVS system client.' });
  }
  const call = createCaller({ outbound, clock, tokens, check: health.check('opencrvs-write-back') });
  switch (settings.kind) {
    case 'countryconfig':
      return createCountryConfigWriteBack(call, settings.url, loadMapping(mappingsDir, COUNTRY_CONFIG_MAPPING));
    case 'openhim-fhir':
      return createOpenHimFhirWriteBack(call, settings.url, loadMapping(mappingsDir, OPENHIM_FHIR_MAPPING));
  }
}
