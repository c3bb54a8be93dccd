import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { MediatorError } from '../errors/index.js';
import { ENVELOPE_CONTENT_TYPE, type EnvelopeInput, toEnvelope } from '../openhim/index.js';
import type { CallRecord } from '../outbound/index.js';
import { type Clock, isoNow } from '../runtime/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import { problemReply } from './problem.js';
import type { Reply } from './reply.js';
import { correlationIdOf, pathOf, toRequestError, transactionIdOf } from './request.js';
import type { ErrorRenderer, Route } from './route.js';
import { writeOut } from './write-out.js';

export interface ExchangeDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface ExchangeOptions {
  /** Our URN at OpenHIM, shown in every envelope. */
  readonly urn: string;
  /** How errors below a path are rendered where no route was reached. */
  readonly renderers: Readonly<Record<string, ErrorRenderer>>;
  /** Whether transactions end only as the work that they began ends. */
  readonly reportsOutcomes?: boolean;
}

/** One request and its answer: written plainly or in the mediator envelope, logged and counted. */
export interface Exchange {
  readonly correlationId: string;
  /** Whether the answer goes into an envelope: the call came through OpenHIM. */
  readonly isEnveloped: boolean;
  succeed(reply: Reply, calls: readonly CallRecord[]): void;
  fail(thrown: unknown, calls?: readonly CallRecord[]): void;
}

/** For answers that pass no helmet: whatever a downstream put into them, no browser takes it for a page of ours. */
const HARMLESS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
} as const;

/** Errors for which core should send the request again: `error` in an envelope asks it to (reference/openhim.md 6.1). */
const asksForRerun = (route: Route | undefined, error: MediatorError): boolean =>
  route?.rerunnable === true && error.disposition === 'retry';

/** Opens the exchange of a request; `route` is absent where none was reached. */
export function openExchange(
  deps: ExchangeDeps,
  options: ExchangeOptions,
  request: IncomingMessage,
  response: ServerResponse,
  route?: Route,
): Exchange {
  const { clock, log, metrics } = deps;
  const method = request.method ?? 'GET';
  const startedAt = clock.now();
  const correlationId = correlationIdOf(request);
  const transactionId = transactionIdOf(request);
  // An answer to HEAD has no body, so no envelope either: core takes it as it is.
  const isEnveloped = transactionId !== undefined && method !== 'HEAD';
  const own = { 'x-correlation-id': correlationId, ...(route?.shortcut === undefined ? {} : HARMLESS) };

  const stream = ({ status, headers }: Reply, body: Readable): void => {
    response.writeHead(status, { ...headers, ...own });
    pipeline(body, response, (error) => {
      // Any other error says that the caller has gone.
      if (!(error instanceof MediatorError)) return;
      log.warn({ event: 'request.cut', correlationId, err: error }, 'answer broke off');
    });
  };

  const write = (
    reply: Reply,
    calls: readonly CallRecord[],
    more: Pick<EnvelopeInput, 'error' | 'isPending'>,
  ): void => {
    const { status, headers, body } = reply;
    if (response.headersSent || response.destroyed) {
      // Nobody to answer: the caller has gone, or the answer is already on its way.
      if (body instanceof Readable) body.destroy();
    } else if (body instanceof Readable) {
      stream(reply, body);
    } else if (isEnveloped) {
      const respondedAt = isoNow(clock);
      const envelope = toEnvelope({ urn: options.urn, reply: { status, headers, body }, calls, respondedAt, ...more });
      // Core reads the envelope whatever the outer status is; 200 keeps every proxy in between from touching it.
      writeOut(response, 200, { 'content-type': ENVELOPE_CONTENT_TYPE, ...own }, envelope);
    } else {
      writeOut(response, status, { ...headers, ...own }, typeof body === 'string' ? Buffer.from(body) : body);
    }
  };

  const account = (status: number, error?: MediatorError): void => {
    const label = route?.path ?? 'none';
    const durationMs = clock.now() - startedAt;
    metrics.httpRequest.observe({ method, route: label, status: String(status) }, durationMs / 1000);
    if (route?.quiet === true) return;
    const fields = {
      event: 'request.answered',
      correlationId,
      transactionId,
      method,
      route: label,
      status,
      durationMs,
    };
    if (error === undefined) log.info(fields, 'request answered');
    else if (error.code === 'internal_error') log.error({ ...fields, err: error }, 'request failed unexpectedly');
    else log.warn({ ...fields, err: error }, 'request refused or failed');
  };

  const renderer = (): ErrorRenderer => {
    if (route?.renderError !== undefined) return route.renderError;
    const path = pathOf(request);
    const prefix = Object.keys(options.renderers).find((below) => path === below || path.startsWith(`${below}/`));
    return (prefix === undefined ? undefined : options.renderers[prefix]) ?? problemReply;
  };

  return {
    correlationId,
    isEnveloped,
    succeed(reply, calls) {
      const outlives = route?.outlivesAnswer === true || reply.outlivesAnswer === true;
      write(reply, calls, { isPending: options.reportsOutcomes === true && outlives });
      account(reply.status);
    },
    fail(thrown, calls = []) {
      const error = toRequestError(thrown);
      const rendered = renderer()(error, correlationId);
      const challenge =
        error.status === 401 && route?.guarded !== undefined
          ? { 'www-authenticate': 'Basic realm="national-id-mediator"' }
          : {};
      const reply = { ...rendered, headers: { ...rendered.headers, ...challenge } };
      write(reply, calls, asksForRerun(route, error) ? { error: { message: error.message } } : {});
      account(reply.status, error);
    },
  };
}
