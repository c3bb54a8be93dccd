import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import helmet from 'helmet';
import { MediatorError } from '../errors/index.js';
import { recordingCalls } from '../outbound/index.js';
import { type Exchange, type ExchangeDeps, type ExchangeOptions, openExchange } from './exchange.js';
import { checkInboundCredentials, type InboundCredentials } from './inbound-auth.js';
import { toInbound } from './request.js';
import type { Route } from './route.js';

export interface AppOptions extends ExchangeOptions {
  readonly inbound: InboundCredentials | undefined;
}

function checkContentType(request: Request, allowed: readonly string[]): void {
  const given = request.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (given === undefined || !allowed.includes(given)) {
    throw new MediatorError('media_type_unsupported', { message: `Expected content type ${allowed.join(' or ')}.` });
  }
}

/** The methods of each path, for the answer to any other. */
function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const byPath = new Map<string, string[]>();
  for (const { path, methods } of routes) {
    if (methods === 'all') continue;
    byPath.set(path, [...(byPath.get(path) ?? []), ...methods.map((method) => method.toUpperCase())]);
  }
  return byPath;
}

/** The Express app over declared routes: one way to answer, one way to fail. */
export function createApp(deps: ExchangeDeps, routes: readonly Route[], options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(helmet());

  const exchanges = new WeakMap<Request, (route?: Route) => Exchange>();
  const exchangeOf = (request: Request, response: Response): ((route?: Route) => Exchange) => {
    const opened = exchanges.get(request) ?? openExchange(deps, options, request, response);
    exchanges.set(request, opened);
    return opened;
  };
  app.use((request, response, next) => {
    exchangeOf(request, response);
    next();
  });

  const check =
    (route: Route): RequestHandler =>
    (request, _response, next) => {
      if (route.guarded === true) checkInboundCredentials(request.get('authorization'), options.inbound);
      if (route.contentTypes !== undefined && request.method === 'POST') checkContentType(request, route.contentTypes);
      next();
    };

  const serve =
    (route: Route): RequestHandler =>
    async (request, response) => {
      const exchange = exchangeOf(request, response)(route);
      const inbound = toInbound(request, response, exchange.correlationId);
      const { result, calls } = await recordingCalls(async () => {
        try {
          return { reply: await route.handler(inbound) };
        } catch (thrown) {
          return { thrown };
        }
      });
      if ('reply' in result) exchange.succeed(result.reply, calls);
      else exchange.fail(result.thrown, calls);
    };

  const onError =
    (route?: Route): ErrorRequestHandler =>
    (thrown, request, response, _next) =>
      exchangeOf(request, response)(route).fail(thrown);

  for (const route of routes) {
    const read = route.maxBodyBytes === undefined ? [] : [express.raw({ type: () => true, limit: route.maxBodyBytes })];
    for (const method of route.methods === 'all' ? (['all'] as const) : route.methods) {
      app[method](route.path, check(route), ...read, serve(route), onError(route));
    }
  }
  for (const [path, allowed] of methodsByPath(routes)) {
    app.all(path, (request, response) => {
      response.set('allow', allowed.join(', '));
      exchangeOf(request, response)().fail(new MediatorError('method_not_allowed'));
    });
  }
  app.use((request, response) => exchangeOf(request, response)().fail(new MediatorError('route_not_found')));
  app.use(onError());
  return app;
}
