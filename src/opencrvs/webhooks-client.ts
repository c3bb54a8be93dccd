import { z } from 'zod';
import { MediatorError } from '../errors/index.js';
import {
  errorForStatus,
  type OutboundClient,
  type OutboundRequest,
  type OutboundResponse,
  readJson,
  serviceUrl,
  type TokenSource,
  withToken,
} from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';

export interface WebhooksClientDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly tokens: TokenSource;
}

export interface WebhooksClientOptions {
  readonly webhooksUrl: string;
  /** Our webhook address as OpenCRVS reaches it. */
  readonly callbackUrl: string;
  /** The system client's `sha_secret`. */
  readonly secret: string;
}

/** A subscription of our system client, at whatever address. */
export interface ListedSubscription {
  readonly id: string;
  readonly callback: string;
  readonly topic: string;
}

/** The OpenCRVS webhooks service (1.0 to 1.9) as one subscriber sees it. */
export interface WebhooksClient {
  /**
   * Every subscription of our system client; those of others are not listed.
   *
   * @throws MediatorError a `peer_…` code, with words for the operator
   */
  list(signal: AbortSignal): Promise<readonly ListedSubscription[]>;
  /**
   * Adds a subscription. OpenCRVS checks our callback during the call, and adds another one each time it is asked.
   *
   * @throws MediatorError `peer_misconfigured` when it is denied, `peer_error` when our callback could not be
   *   confirmed, other `peer_…` codes
   */
  subscribe(topic: string, signal: AbortSignal): Promise<void>;
  /**
   * Deletes a subscription. OpenCRVS does not look whose it is, and does not mind one that is gone already
   * (reference/opencrvs.md 3.4): only ids out of our own list may be given.
   *
   * @throws MediatorError a `peer_…` code
   */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** Other members are left alone: `createdAt` is no valid date (reference/opencrvs.md 3.4). */
const Listing = z.object({
  entries: z.array(z.object({ id: z.string().min(1), callback: z.string(), topic: z.string() })),
});

const Denial = z.object({ hub: z.object({ mode: z.literal('denied'), reason: z.string() }) });

/** What a denial is about, by a word of its reason, in the order in which OpenCRVS checks (reference/opencrvs.md 3.1). */
const DENIALS: readonly { readonly sign: RegExp; readonly words: string }[] = [
  { sign: /topic/i, words: 'it does not offer this topic' },
  { sign: /\bactive\b/i, words: 'the system client is not active' },
  { sign: /secret/i, words: 'OPENCRVS_SHA_SECRET is not the sha_secret of the system client' },
  { sign: /mode/i, words: 'it does not know the mode "subscribe"' },
];

/** The reason of a denial, if the answer is one. */
function denialOf(response: OutboundResponse): string | undefined {
  try {
    return Denial.safeParse(readJson(response)).data?.hub.reason;
  } catch {
    // Text or nothing: a check of our callback that failed, or a fault of the service.
    return undefined;
  }
}

const isSuccess = ({ status }: OutboundResponse): boolean => status >= 200 && status < 300;

const unexpected = ({ status }: OutboundResponse): MediatorError =>
  new MediatorError('peer_error', { message: `The OpenCRVS webhooks service answered HTTP ${status}.` });

function subscribeError(topic: string, response: OutboundResponse, nowMs: number): MediatorError {
  if (response.status !== 400) return errorForStatus(response, nowMs) ?? unexpected(response);
  const reason = denialOf(response);
  if (reason === undefined) {
    // A check that failed is told in words from 1.2 on. Nothing at all means a failed check in 1.0 and 1.1, and in every
    // version a user service that is down (seen with 1.2.1).
    const cause =
      response.body.length > 0 ? 'it must reach us there' : 'it must reach us there, and its user service must be up';
    return new MediatorError('peer_error', {
      message: `OpenCRVS could not confirm OPENCRVS_CALLBACK_URL for ${topic}: ${cause}.`,
    });
  }
  const words = DENIALS.find(({ sign }) => sign.test(reason))?.words ?? 'for a reason that is not known to us';
  return new MediatorError('peer_misconfigured', {
    message: `OpenCRVS denies the subscription to ${topic}: ${words}.`,
  });
}

function listError(response: OutboundResponse, nowMs: number): MediatorError {
  if (response.status !== 400) return errorForStatus(response, nowMs) ?? unexpected(response);
  return new MediatorError('peer_error', {
    message: 'OpenCRVS does not list our subscriptions: the system client may not be active.',
  });
}

/** Calls to the webhooks service with our system token. */
export function createWebhooksClient(deps: WebhooksClientDeps, options: WebhooksClientOptions): WebhooksClient {
  const { outbound, clock, tokens } = deps;
  const url = serviceUrl(options.webhooksUrl, '/webhooks');

  const send = (call: Pick<OutboundRequest, 'operation' | 'method' | 'url' | 'body' | 'signal'>) =>
    withToken(tokens, (token) =>
      outbound.send({
        ...call,
        peer: 'opencrvs-webhooks',
        headers: {
          authorization: `Bearer ${token}`,
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
      }),
    );

  return {
    async list(signal) {
      const response = await send({ operation: 'list-subscriptions', method: 'GET', url, signal });
      if (!isSuccess(response)) throw listError(response, clock.now());
      const listing = Listing.safeParse(readJson(response));
      if (!listing.success) {
        throw new MediatorError('peer_response_invalid', {
          message: 'The list of subscriptions cannot be understood.',
        });
      }
      return listing.data.entries;
    },

    async subscribe(topic, signal) {
      const hub = { callback: options.callbackUrl, mode: 'subscribe', topic, secret: options.secret };
      const body = JSON.stringify({ hub });
      const response = await send({ operation: 'subscribe', method: 'POST', url, body, signal });
      if (!isSuccess(response)) throw subscribeError(topic, response, clock.now());
    },

    async remove(id, signal) {
      const address = `${url}/${encodeURIComponent(id)}`;
      const response = await send({ operation: 'unsubscribe', method: 'DELETE', url: address, signal });
      if (!isSuccess(response)) throw errorForStatus(response, clock.now()) ?? unexpected(response);
    },
  };
}
