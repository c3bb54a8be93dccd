import type { OpenCrvsClientSettings, OpenCrvsSettings } from '../../config/index.js';
import {
  createSystemToken,
  createWebhooksClient,
  fetchTokenKey,
  type ListedSubscription,
  SUBSCRIBED_TOPICS,
  signWebhook,
  verifyWebhookSignature,
} from '../../opencrvs/index.js';
import type { OutboundClient, TokenSource } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import { createHealth, type Logger, type Metrics } from '../../telemetry/index.js';
import { type Found, failed, ok, once, type Question, skipped, warning } from './finding.js';

export interface OpenCrvsCheckDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const CLIENT = {
  own: 'OPENCRVS_CLIENT_ID and OPENCRVS_CLIENT_SECRET',
  search: 'OPENCRVS_SEARCH_CLIENT_ID and OPENCRVS_SEARCH_CLIENT_SECRET',
  health: 'OPENCRVS_HEALTH_CLIENT_ID and OPENCRVS_HEALTH_CLIENT_SECRET',
} as const;

const SCOPE = 'Register a client of the right type or scope: `national-id-mediator system-client register`.';

/** A token of one client, and what the question about it says of its scope. */
function clientQuestion(
  deps: OpenCrvsCheckDeps,
  settings: OpenCrvsClientSettings,
  name: keyof typeof CLIENT,
): {
  readonly question: Question;
  readonly tokens: TokenSource;
  /** For checks that are nothing without a token. */
  readonly needToken: (signal: AbortSignal) => Promise<unknown>;
} {
  const health = createHealth(deps.clock);
  const check = 'token';
  const tokens = createSystemToken({ ...deps, health }, settings, { check });
  const needToken = once(() => tokens.get());
  const question: Question = {
    check: 'opencrvs',
    about: name === 'own' ? 'client' : `${name} client`,
    next: `Check ${CLIENT[name]}, OPENCRVS_TOKEN_MODE and OPENCRVS_AUTH_URL; the client may have been deactivated.`,
    async ask(signal) {
      await needToken(signal);
      const found = health.readiness().checks[check];
      if (found?.state === 'ok') return ok(`OpenCRVS gives a token, and it carries the scope ${settings.scope}.`);
      return failed(found?.detail ?? 'The scope of the token is not known.', SCOPE);
    },
  };
  return { question, tokens, needToken };
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'an address that is none');

function judgeSubscriptions(listed: readonly ListedSubscription[], callbackUrl: string): Found {
  if (listed.length === 0) {
    return warning(
      'OpenCRVS has no subscription of ours yet.',
      'Start the mediator: it subscribes by itself. If it runs, its readiness says what is in the way: opencrvs-subscription.',
    );
  }
  const ours = listed.filter(({ callback }) => callback === callbackUrl);
  const missing = SUBSCRIBED_TOPICS.filter((topic) => !ours.some((entry) => entry.topic === topic));
  const elsewhere = [
    ...new Set(listed.filter((entry) => !ours.includes(entry)).map(({ callback }) => hostOf(callback))),
  ];
  const others = elsewhere.length === 0 ? '' : ` There are some at ${elsewhere.join(', ')}.`;
  if (missing.length > 0) {
    return failed(
      `No subscription to ${missing.join(', ')} at OPENCRVS_CALLBACK_URL (${hostOf(callbackUrl)}).${others}`,
      elsewhere.length === 0
        ? 'Start the mediator: it subscribes by itself, once OpenCRVS reaches it there.'
        : 'Correct OPENCRVS_CALLBACK_URL, or start the mediator: it subscribes anew and deletes the former ones.',
    );
  }
  if (ours.length > SUBSCRIBED_TOPICS.length) {
    return warning(
      'There are doubled subscriptions: each event comes more than once.',
      'The running mediator deletes them.',
    );
  }
  return ok(`Subscribed to ${SUBSCRIBED_TOPICS.join(', ')} at OPENCRVS_CALLBACK_URL.${others}`);
}

/** Signs and checks a body of our own: OpenCRVS tells nobody its secret. */
function trySecrets(secrets: readonly string[]): Found {
  const body = Buffer.from('{"trial":true}');
  for (const secret of secrets) verifyWebhookSignature(body, signWebhook(body, secret), secrets);
  const count = secrets.length === 1 ? 'A secret is' : `${secrets.length} secrets are`;
  return ok(
    `${count} set, and a signature of our own is taken. Whether OpenCRVS has the same is seen at its first delivery: readiness, opencrvs-signature.`,
  );
}

/** Asks our own address as OpenCRVS does before it subscribes. */
async function askCallback({ outbound }: OpenCrvsCheckDeps, callbackUrl: string, signal: AbortSignal): Promise<Found> {
  const url = new URL(callbackUrl);
  const [topic = ''] = SUBSCRIBED_TOPICS;
  const challenge = 'doctor';
  url.search = new URLSearchParams({ mode: 'subscribe', challenge, topic }).toString();
  const start = 'Start the mediator and the channel before it; from here the address may be out of reach.';
  try {
    const { status, body } = await outbound.send({
      peer: 'mediator',
      operation: 'doctor-callback',
      method: 'GET',
      url: url.toString(),
      signal,
    });
    if (status === 200 && Buffer.from(body).toString('utf8').includes(challenge))
      return ok('It leads to the mediator.');
    return warning(`HTTP ${status} at OPENCRVS_CALLBACK_URL: it does not lead to the webhook route.`, start);
  } catch {
    // OpenCRVS may well reach what we do not.
    return warning('OPENCRVS_CALLBACK_URL cannot be reached from here.', start);
  }
}

/** The system clients, the subscription, the signature and the key of OpenCRVS. `stop` ends the tokens. */
export function opencrvsQuestions(
  deps: OpenCrvsCheckDeps,
  { client, recordSearch, notifications, subscription, shaSecrets, tokens: trusted }: OpenCrvsSettings,
): { readonly questions: readonly Question[]; stop(): void } {
  const check = 'opencrvs';
  const own = client && clientQuestion(deps, client, 'own');
  const clients = [
    own,
    recordSearch && clientQuestion(deps, recordSearch.client, 'search'),
    notifications?.client && clientQuestion(deps, notifications.client, 'health'),
  ].filter((one) => one !== undefined);
  const questions: Question[] = clients.map(({ question }) => question);

  if (subscription !== undefined && own !== undefined) {
    const [secret = ''] = shaSecrets;
    const webhooks = createWebhooksClient({ ...deps, tokens: own.tokens }, { ...subscription, secret });
    questions.push(
      {
        check,
        about: 'subscription',
        next: 'Check OPENCRVS_WEBHOOKS_URL.',
        async ask(signal) {
          await own.needToken(signal);
          return judgeSubscriptions(await webhooks.list(signal), subscription.callbackUrl);
        },
      },
      { check, about: 'callback', next: '', ask: (signal) => askCallback(deps, subscription.callbackUrl, signal) },
    );
  }
  questions.push({
    check,
    about: 'webhook secret',
    next: "Give the system client's sha_secret in OPENCRVS_SHA_SECRET.",
    ask: async () => (shaSecrets.length === 0 ? skipped('OPENCRVS_SHA_SECRET is not set.') : trySecrets(shaSecrets)),
  });
  if (trusted !== undefined) {
    questions.push({
      check,
      about: 'token key',
      next: 'OPENCRVS_AUTH_URL has to lead to the auth service: /.well-known hangs below it.',
      async ask() {
        await fetchTokenKey(deps, trusted.authUrl);
        return ok('The key by which tokens of OpenCRVS are checked can be had.');
      },
    });
  }
  return { questions, stop: () => clients.forEach(({ tokens }) => void tokens.stop()) };
}
