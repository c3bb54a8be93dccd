import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, MediatorError } from '../../errors/index.js';
import { BulkView, EventDetailView, EventPageView, type EventView } from '../../operator/index.js';
import { type OutboundClient, type OutboundResponse, serviceUrl } from '../../outbound/index.js';

export type Action = 'retry' | 'close';

/** Who acts and why, and on how many at most. */
export interface Acting {
  readonly reason?: string | undefined;
  readonly by?: string | undefined;
}

/** The operator API of a running mediator. Each call throws MediatorError with the code that the mediator gave. */
export interface OperatorClient {
  list(query: URLSearchParams): Promise<z.infer<typeof EventPageView>>;
  find(term: string): Promise<readonly EventView[]>;
  show(id: string): Promise<EventDetailView>;
  act(action: Action, event: EventView, acting: Acting): Promise<EventDetailView>;
  actOnAll(action: Action, filter: object, limit: number, acting: Acting): Promise<z.infer<typeof BulkView>>;
}

export interface OperatorAccess {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];
const Problem = z.object({ code: z.enum(codes), detail: z.string().optional() });

const NO_MEDIATOR = 'What answers at this address is not the mediator, or a version of it without the operator API.';

function json({ body }: OutboundResponse): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    // A page of a proxy: there is nothing in it for us.
    return undefined;
  }
}

/** The answer in its form, or the mediator's own error. */
function read<T extends z.ZodType>(schema: T, response: OutboundResponse): z.output<T> {
  const body = json(response);
  if (response.status === 200) {
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new MediatorError('peer_response_invalid', { message: NO_MEDIATOR });
  }
  const problem = Problem.safeParse(body);
  if (!problem.success) throw new MediatorError('peer_response_invalid', { message: NO_MEDIATOR });
  const { code, detail } = problem.data;
  throw new MediatorError(code, detail === undefined ? {} : { message: detail });
}

export function createOperatorClient(
  { outbound }: { readonly outbound: OutboundClient },
  { url, username, password }: OperatorAccess,
): OperatorClient {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

  const call = async <T extends z.ZodType>(
    operation: string,
    schema: T,
    path: string,
    { body, query }: { readonly body?: object; readonly query?: URLSearchParams } = {},
  ): Promise<z.output<T>> => {
    const isRead = body === undefined;
    const response = await outbound.send({
      peer: 'mediator',
      operation,
      method: isRead ? 'GET' : 'POST',
      url: `${serviceUrl(url, `/operator/events${path}`)}${query === undefined ? '' : `?${query}`}`,
      headers: { authorization, ...(isRead ? {} : { 'content-type': 'application/json' }) },
      ...(isRead ? {} : { body: JSON.stringify(body) }),
    });
    return read(schema, response);
  };

  return {
    list: (query) => call('list', EventPageView, '', { query }),
    async find(term) {
      return (await call('find', EventPageView, '/search', { body: { term } })).events;
    },
    show: (id) => call('show', EventDetailView, `/${id}`),
    act: (action, { id, version }, acting) =>
      call(action, EventDetailView, `/${id}/${action}`, { body: { ...acting, version } }),
    actOnAll: (action, filter, limit, acting) =>
      call(action, BulkView, `/${action}`, { body: { ...acting, filter, limit } }),
  };
}
