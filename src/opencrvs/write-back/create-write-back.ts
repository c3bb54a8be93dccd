import { z } from 'zod';
import { loadMapping, type WriteBackSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { OutboundClient, TokenSource } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Health } from '../../telemetry/index.js';
import type { ReplyTo } from '../replies.js';
import { createCaller, createReplyCaller } from './caller.js';
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

/** Ways that give an answer with the token that came with the request for it, by what the request's address says. */
type AnsweringWays = Readonly<Record<ReplyTo['via'], WriteBack>>;

const Via = z.object({ via: z.enum(['events', 'graphql']) });

/** Gives an answer where it is waited for; what waits for none goes the usual way. */
function choosing(usual: WriteBack, ways: AnsweringWays): WriteBack {
  return {
    kind: usual.kind,
    async deliver(delivery) {
      const named = Via.safeParse(delivery.replyTo).data?.via;
      return (named === undefined ? usual : ways[named]).deliver(delivery);
    },
  };
}

/**
 * The configured way back to OpenCRVS, its mappings read and compiled. Where the gateway is known, an event that waits
 * for an answer gets it in the way that its own address names: one OpenCRVS 1.9 can hold records of both kinds. Health
 * check `opencrvs-write-back`, where there is a way.
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

  const patientWay = (kind: 'countryconfig' | 'openhim-fhir', url: string): WriteBack => {
    if (tokens === undefined) {
      throw new MediatorError('settings_invalid', { message: 'The write-back needs the OpenCRVS system client.' });
    }
    const call = createCaller({ outbound, clock, tokens, check });
    return kind === 'countryconfig'
      ? createCountryConfigWriteBack(call, url, mapping(COUNTRY_CONFIG_MAPPING))
      : createOpenHimFhirWriteBack(call, url, mapping(OPENHIM_FHIR_MAPPING));
  };
  const answeringWays = (gatewayUrl: string): AnsweringWays => {
    const call = createReplyCaller({ outbound, check });
    const [gateway, trpc] = [createGatewayCall(call, clock, gatewayUrl), createTrpcCall(call, clock, gatewayUrl)];
    return {
      graphql: createGatewayGraphqlWriteBack(gateway, mapping(GATEWAY_GRAPHQL_MAPPING)),
      events: createEventsWriteBack(trpc, mapping(EVENTS_MAPPING)),
    };
  };

  switch (settings.kind) {
    case 'countryconfig':
    case 'openhim-fhir': {
      const way = patientWay(settings.kind, settings.url);
      return settings.gatewayUrl === undefined ? way : choosing(way, answeringWays(settings.gatewayUrl));
    }
    case 'gateway-graphql':
    case 'events': {
      const ways = answeringWays(settings.url);
      return choosing(settings.kind === 'events' ? ways.events : ways.graphql, ways);
    }
  }
}
