import { loadMapping, type WriteBackSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { OutboundClient, TokenSource } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Health } from '../../telemetry/index.js';
import { type Caller, createCaller, createReplyCaller } from './caller.js';
import { COUNTRY_CONFIG_MAPPING, createCountryConfigWriteBack } from './country-config.js';
import { createEventsWriteBack, EVENTS_MAPPING } from './events.js';
import { createGatewayCall } from './gateway-call.js';
import { createGatewayGraphqlWriteBack, GATEWAY_GRAPHQL_MAPPING } from './gateway-graphql.js';
import { noWriteBack } from './none.js';
import { createOpenHimFhirWriteBack, OPENHIM_FHIR_MAPPING } from './openhim-fhir.js';
import type { WriteBack } from './port.js';
import { createTrpcCall } from './trpc-call.js';

export interface WriteBackDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  /** The system token; may be absent where nothing is written back, or with a token that comes with the event. */
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
  const check = health.check('opencrvs-write-back');
  const mapping = (file: string) => loadMapping(mappingsDir, file);
  const systemCaller = (): Caller => {
    if (tokens === undefined) {
      throw new MediatorError('settings_invalid', { message: 'The write-back needs the OpenCRVS system client.' });
    }
    return createCaller({ outbound, clock, tokens, check });
  };
  const replyCall = createReplyCaller({ outbound, check });
  switch (settings.kind) {
    case 'countryconfig':
      return createCountryConfigWriteBack(systemCaller(), settings.url, mapping(COUNTRY_CONFIG_MAPPING));
    case 'openhim-fhir':
      return createOpenHimFhirWriteBack(systemCaller(), settings.url, mapping(OPENHIM_FHIR_MAPPING));
    case 'gateway-graphql': {
      const call = createGatewayCall(replyCall, clock, settings.url);
      return createGatewayGraphqlWriteBack(call, mapping(GATEWAY_GRAPHQL_MAPPING));
    }
    case 'events':
      return createEventsWriteBack(createTrpcCall(replyCall, clock, settings.url), mapping(EVENTS_MAPPING));
  }
}
