import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { OpenCrvsClientSettings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import {
  createTokenCache,
  errorForStatus,
  type IssuedToken,
  jwtLifeMs,
  type OutboundClient,
  type OutboundRequest,
  type OutboundResponse,
  readJson,
  serviceUrl,
  type TokenSource,
} from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';
import type { Health, Logger, Metrics } from '../telemetry/index.js';

export interface SystemTokenDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
}

export interface SystemTokenOptions {
  /** Name of the health check, where there is a second client. Default `opencrvs-token`. */
  readonly check?: string;
}

/** How one token endpoint is asked, and the token found in its answer (reference/opencrvs.md 2.1). */
interface TokenEndpoint {
  request(settings: OpenCrvsClientSettings): Pick<OutboundRequest, 'url' | 'headers' | 'body'>;
  readonly answer: z.ZodType<string>;
}

const Token = z.string().min(1);

const ENDPOINTS: Record<OpenCrvsClientSettings['tokenMode'], TokenEndpoint> = {
  /** 1.0 to 1.2. */
  json: {
    request: ({ authUrl, clientId, clientSecret }) => ({
      url: serviceUrl(authUrl, '/authenticateSystemClient'),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: clientId, client_secret: clientSecret }),
    }),
    answer: z.object({ token: Token }).transform(({ token }) => token),
  },
  /** 1.3 to 1.9: OpenCRVS reads the query only. The address holds the secret and must not be logged. */
  query: {
    request({ authUrl, clientId, clientSecret }) {
      const url = new URL(serviceUrl(authUrl, '/token'));
      const credentials = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' };
      url.search = new URLSearchParams(credentials).toString();
      return { url: url.toString() };
    },
    answer: z.object({ access_token: Token }).transform((body) => body.access_token),
  },
  /** 2.x, which reads a body first and a query after it: the secret need not stand in an address. */
  body: {
    request: ({ authUrl, clientId, clientSecret }) => ({
      url: serviceUrl(authUrl, '/token'),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'client_credentials',
      }),
    }),
    answer: z.object({ access_token: Token }).transform((body) => body.access_token),
  },
};

const Claims = z.object({ scope: z.array(z.string()) });

function scopesOf(token: string): readonly string[] {
  return Claims.safeParse(jwt.decode(token)).data?.scope ?? [];
}

/** Whether a token's scope is this one: bare to 1.9, encoded from 2.0 (`type=record.read&event=birth`). */
function isScope(scope: string, wanted: string): boolean {
  return scope === wanted || new URLSearchParams(scope).get('type') === wanted;
}

/** The error for an answer without a token, in words that name what an operator can look at. */
function refusal(response: OutboundResponse, nowMs: number): MediatorError {
  switch (response.status) {
    case 401:
      // Auth maps every failure to 401, its user service being down too: no proof that the credentials are wrong.
      return new MediatorError('peer_unauthorized', {
        message: 'OpenCRVS auth does not accept OPENCRVS_CLIENT_ID and OPENCRVS_CLIENT_SECRET at the moment.',
      });
    case 404:
      return new MediatorError('peer_misconfigured', {
        message: 'OpenCRVS auth has no such token endpoint: OPENCRVS_TOKEN_MODE or OPENCRVS_AUTH_URL does not fit.',
      });
    default:
      return (
        errorForStatus(response, nowMs) ??
        new MediatorError('peer_misconfigured', { message: `OpenCRVS auth answered HTTP ${response.status}.` })
      );
  }
}

/**
 * The token of our system client at OpenCRVS, kept fresh. Health check `opencrvs-token`: degraded while no token can
 * be had, or while it lacks the scope that our work needs; such a token is used all the same.
 */
export function createSystemToken(
  deps: SystemTokenDeps,
  settings: OpenCrvsClientSettings,
  options: SystemTokenOptions = {},
): TokenSource {
  const { outbound, clock, log, health } = deps;
  const check = health.check(options.check ?? 'opencrvs-token');
  const endpoint = ENDPOINTS[settings.tokenMode];
  let scopes: readonly string[] = [];

  const request = async (): Promise<IssuedToken> => {
    const response = await outbound.send({
      peer: 'opencrvs-auth',
      operation: 'token',
      method: 'POST',
      isSecret: true,
      ...endpoint.request(settings),
    });
    if (response.status < 200 || response.status >= 300) throw refusal(response, clock.now());
    const answer = endpoint.answer.safeParse(readJson(response));
    if (!answer.success) {
      throw new MediatorError('peer_response_invalid', { message: 'The answer of OpenCRVS auth holds no token.' });
    }
    scopes = scopesOf(answer.data);
    return { value: answer.data, lifeMs: jwtLifeMs(answer.data, clock.now()) };
  };

  const onResult = (error: MediatorError | undefined): void => {
    if (error !== undefined) {
      check.report('degraded', `No new token from OpenCRVS. ${error.message}`);
    } else if (scopes.some((scope) => isScope(scope, settings.scope))) {
      check.report('ok');
    } else {
      const found = scopes.length === 0 ? 'no scope' : `the scopes ${scopes.join(', ')}`;
      check.report('degraded', `The OpenCRVS token lacks the scope ${settings.scope}: it has ${found}.`);
      log.warn({ event: 'token.scope_missing', peer: 'opencrvs-auth' }, 'the token lacks the configured scope');
    }
  };

  return createTokenCache(deps, { peer: 'opencrvs-auth', request, onResult });
}
