import { MediatorError } from '../../errors/index.js';
import {
  errorForStatus,
  type OutboundClient,
  type OutboundResponse,
  type TokenSource,
  withToken,
} from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import { tokenCookie } from './auth-manager.js';

export interface HubSubscription {
  readonly hubUrl: string;
  readonly topic: string;
  readonly callbackUrl: string;
  /** Key of the signatures that the hub will put on its deliveries. */
  readonly secret: string;
}

export type HubAnswer =
  /** The hub will verify our intent by a GET. */
  | { readonly result: 'accepted' }
  /** It has the subscription already: it refuses a second one. */
  | { readonly result: 'registered' }
  | { readonly result: 'denied'; readonly reason: string };

/**
 * What a denial means, in our words: the hub's own are not repeated. A live subscription is denied as
 * "already registered" (reference/mosip.md 3).
 */
export function judgeDenial(hubReason: string | null | undefined): HubAnswer {
  const said = (hubReason ?? '').toLowerCase();
  if (said.includes('already registered')) return { result: 'registered' };
  if (/token|auth|permission|forbidden|role/.test(said)) {
    return { result: 'denied', reason: 'The hub does not let our client subscribe to the topic.' };
  }
  if (said.includes('topic')) return { result: 'denied', reason: 'The hub does not know the topic.' };
  return { result: 'denied', reason: 'The hub refuses the subscription.' };
}

/**
 * Asks the hub for the subscription once.
 *
 * @throws MediatorError `retry` codes
 */
export async function subscribe(
  deps: { readonly outbound: OutboundClient; readonly tokens: TokenSource; readonly clock: Clock },
  subscription: HubSubscription,
  signal: AbortSignal,
): Promise<HubAnswer> {
  const form = new URLSearchParams({
    'hub.mode': 'subscribe',
    'hub.topic': subscription.topic,
    'hub.callback': subscription.callbackUrl,
    'hub.secret': subscription.secret,
  });
  const send = (token: string): Promise<OutboundResponse> =>
    deps.outbound.send({
      peer: 'mosip-websub',
      operation: 'subscribe',
      method: 'POST',
      url: subscription.hubUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...tokenCookie(token) },
      body: form.toString(),
      signal,
    });
  return readAnswer(await withToken(deps.tokens, send, mayRefuseToken), deps.clock.now());
}

/**
 * Publishes a message to a topic of the hub (reference/mosip.md 1.2 step 12).
 *
 * @throws MediatorError `retry` codes; `peer_unauthorized` where the hub denies it
 */
export async function publish(
  deps: { readonly outbound: OutboundClient; readonly tokens: TokenSource; readonly clock: Clock },
  { hubUrl, topic, message }: { readonly hubUrl: string; readonly topic: string; readonly message: unknown },
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(hubUrl);
  url.searchParams.set('hub.mode', 'publish');
  url.searchParams.set('hub.topic', topic);
  const send = (token: string): Promise<OutboundResponse> =>
    deps.outbound.send({
      peer: 'mosip-websub',
      operation: 'publish',
      method: 'POST',
      url: url.href,
      headers: { 'content-type': 'application/json', ...tokenCookie(token) },
      body: JSON.stringify(message),
      signal,
    });
  const answer = readAnswer(await withToken(deps.tokens, send, mayRefuseToken), deps.clock.now());
  if (answer.result !== 'accepted') {
    throw new MediatorError('peer_unauthorized', { message: 'The hub does not let our client publish to the topic.' });
  }
}

/** The hub denies with 200 whatever the cause, a stale token among them: a denial is worth one new token. */
function mayRefuseToken(response: OutboundResponse): boolean {
  return response.status === 401 || response.status === 403 || readForm(response)?.result === 'denied';
}

function readAnswer(response: OutboundResponse, nowMs: number): HubAnswer {
  const failure = errorForStatus(response, nowMs);
  if (failure !== undefined) throw failure;
  if (response.status >= 400) {
    const code = response.status === 403 ? 'peer_unauthorized' : 'peer_error';
    throw new MediatorError(code, { message: `The hub answered HTTP ${response.status}.` });
  }
  const answer = readForm(response) ?? (response.status === 202 ? { result: 'accepted' } : undefined);
  if (answer === undefined) throw new MediatorError('peer_response_invalid');
  return answer;
}

/** Answers are forms: `hub.mode=accepted`, or `hub.mode=denied&hub.reason=...`. */
function readForm(response: OutboundResponse): HubAnswer | undefined {
  const form = new URLSearchParams(Buffer.from(response.body).toString('utf8').trim());
  switch (form.get('hub.mode')) {
    case 'accepted':
      return { result: 'accepted' };
    case 'denied':
      return judgeDenial(form.get('hub.reason'));
    default:
      return undefined;
  }
}
