import type { Request, Response } from 'express';
import type { MediatorError } from '../errors/index.js';
import { ENVELOPE_CONTENT_TYPE, toEnvelope } from '../openhim/index.js';
import type { CallRecord } from '../outbound/index.js';
import { type Clock, isoNow } from '../runtime/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import { problemReply } from './problem.js';
import type { Reply } from './reply.js';
import { correlationIdOf, toRequestError, transactionIdOf } from './request.js';
import type { ErrorRenderer, Route } from './route.js';

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
}

/** One request and its answer: written plainly or in the mediator envelope, logged and counted. */
export interface Exchange {
  readonly correlationId: string;
  succeed(reply: Reply, calls: readonly CallRecord[]): void;
  fail(thrown: unknown, calls?: readonly CallRecord[]): void;
}

/** Errors for which core should send the request again: `error` in an envelope asks it to (reference/openhim.md 6.1). */
const asksForRerun = (route: Route | undefined, error: MediatorError): boolean =>
  route?.rerunnable === true && error.disposition === 'retry';

/** Opens the exchange of a request; `route` is absent where none was reached. */
export function openExchange(
  deps: ExchangeDeps,
  options: ExchangeOptions,
  request: Request,
  response: Response,
): (route?: Route) => Exchange {
  const { clock, log, metrics } = deps;
  const startedAt = clock.now();
  const correlationId = correlationIdOf(request);
  const transactionId = transactionIdOf(request);
  response.set('x-correlation-id', correlationId);

  const write = (reply: Reply, calls: readonly CallRecord[], error?: { readonly message: string }): void => {
    // Nobody to answer: the caller has gone, or the answer is already on its way.
    if (response.headersSent || response.destroyed) return;
    if (transactionId === undefined) {
      response.status(reply.status).set(reply.headers).end(reply.body);
      return;
    }
    const respondedAt = isoNow(clock);
    const envelope = toEnvelope({
      urn: options.urn,
      reply,
      calls,
      respondedAt,
      ...(error === undefined ? {} : { error }),
    });
    // Core reads the envelope whatever the outer status is; 200 keeps every proxy in between from touching it.
    response.status(200).set('content-type', ENVELOPE_CONTENT_TYPE).end(envelope);
  };

  const account = (route: Route | undefined, status: number, error?: MediatorError): void => {
    const label = route?.path ?? 'none';
    const durationMs = clock.now() - startedAt;
    metrics.httpRequest.observe({ method: request.method, route: label, status: String(status) }, durationMs / 1000);
    if (route?.quiet === true) return;
    const fields = {
      event: 'request.answered',
      correlationId,
      transactionId,
      method: request.method,
      route: label,
      status,
      durationMs,
    };
    if (error === undefined) log.info(fields, 'request answered');
    else if (error.code === 'internal_error') log.error({ ...fields, err: error }, 'request failed unexpectedly');
    else log.warn({ ...fields, err: error }, 'request refused or failed');
  };

  const rendererFor = (route: Route | undefined): ErrorRenderer => {
    if (route?.renderError !== undefined) return route.renderError;
    const prefix = Object.keys(options.renderers).find(
      (path) => request.path === path || request.path.startsWith(`${path}/`),
    );
    return (prefix === undefined ? undefined : options.renderers[prefix]) ?? problemReply;
  };

  return (route) => ({
    correlationId,
    succeed(reply, calls) {
      write(reply, calls);
      account(route, reply.status);
    },
    fail(thrown, calls = []) {
      const error = toRequestError(thrown);
      const rendered = rendererFor(route)(error, correlationId);
      const challenge =
        error.status === 401 && route?.guarded === true
          ? { 'www-authenticate': 'Basic realm="national-id-mediator"' }
          : {};
      const reply = { ...rendered, headers: { ...rendered.headers, ...challenge } };
      write(reply, calls, asksForRerun(route, error) ? { message: error.message } : undefined);
      account(route, reply.status, error);
    },
  });
}
