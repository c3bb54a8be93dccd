import { randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { HttpPeer, type PeerReply, type ReceivedRequest } from './http-peer.js';
import type { ChannelDoc, RouteDoc } from './openhim-core-rules.js';
import { type Headers, type RouteAnswer, type StoredRequest, settle, type Transaction } from './openhim-transaction.js';

export interface RouterClient {
  readonly id: string;
  readonly password: string;
  /** Channels let in a client by one of its roles, or by its id. */
  readonly roles: readonly string[];
}

export interface RouteTarget {
  readonly host: string;
  readonly port: number;
  /** PEM of the authority behind a `secured` route. */
  readonly ca?: string;
}

export interface OpenHimRouterOptions {
  /** Asked at every request, e.g. `() => core.channels`. */
  readonly channels: () => readonly ChannelDoc[];
  readonly clients?: readonly RouterClient[];
  /** Where all routes lead to, instead of their own host and port. */
  readonly routeTo?: RouteTarget;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const objectId = (): string => randomBytes(12).toString('hex');

/**
 * The router of OpenHIM core 8.5 (its plain port 5001), for one primary route a channel, without compression and URL
 * rewriting: openhim.md sections 4 to 6.
 */
export class OpenHimRouterPeer extends HttpPeer {
  protected override readonly ignoresOtherProtocols = true;
  readonly transactions: Transaction[] = [];
  routeTo: RouteTarget | undefined;
  readonly #options: OpenHimRouterOptions;
  readonly #clientKeys = new Map<string, string>();

  constructor(options: OpenHimRouterOptions) {
    super();
    this.#options = options;
    this.routeTo = options.routeTo;
  }

  /** The stored transaction of that id. */
  transaction(id: string): Transaction {
    const found = this.transactions.find((candidate) => candidate.id === id);
    if (found === undefined) throw new Error(`no transaction ${id}`);
    return found;
  }

  /**
   * Sends a stored request again, as the console's button does (openhim.md 6.2); resolves with the new transaction.
   * Throws where core refuses, e.g. because the channel does not store request bodies.
   */
  async rerun(id: string): Promise<Transaction> {
    const original = this.transaction(id);
    if (!original.canRerun) {
      throw new Error(`Transaction ${id} cannot be rerun as there isn't enough information about the request`);
    }
    const { request, clientId } = original;
    const headers = {
      ...request.headers,
      parentid: id,
      taskid: objectId(),
      ...(clientId === undefined ? {} : { clientid: this.#keyOf(clientId) }),
    };
    const transaction = this.#open({ ...request, headers, timestamp: new Date().toISOString() }, original);
    original.childIds.push(transaction.id);
    // The body goes along for POST and PUT only; a PATCH with its content-length then hangs.
    await this.#route(transaction, ['POST', 'PUT'].includes(request.method) ? Buffer.from(request.body) : undefined);
    this.changed();
    return transaction;
  }

  /** What core's minutely job does: reruns what is queued on channels with auto-retry (openhim.md 6.1). */
  async retryQueued(): Promise<readonly Transaction[]> {
    const due = this.transactions.filter(
      ({ autoRetry, canRerun, childIds, channel }) =>
        autoRetry && canRerun && childIds.length === 0 && channel.autoRetryEnabled,
    );
    return Promise.all(due.map(({ id }) => this.rerun(id)));
  }

  protected override async answer(request: ReceivedRequest): Promise<PeerReply> {
    const client = this.#authenticate(request);
    const channel = this.#match(request);
    // Both refusals give the client its own body back (openhim.md fact 7).
    if (channel === undefined) return echo(404, request.body);
    if (channel.authType === 'private' && !isAllowed(channel, client)) {
      return echo(401, request.body, { 'www-authenticate': 'Basic' });
    }
    const { method, path, rawQuery, body } = request;
    const headers: Headers = {
      ...request.headers,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': request.headers['host'],
      // Without credentials, a public channel lets through the one the client made up (openhim.md section 5).
      ...(client === undefined ? {} : { 'x-openhim-clientid': client.id }),
    };
    const stored = { method, path, querystring: rawQuery, headers, body: body.toString('utf8') };
    const transaction = this.#open(
      { ...stored, timestamp: new Date().toISOString() },
      { channel, clientId: client?.id, id: undefined },
    );
    return this.#route(transaction, ['POST', 'PUT', 'PATCH'].includes(method) ? body : undefined);
  }

  #authenticate({ headers }: ReceivedRequest): RouterClient | undefined {
    const [scheme, encoded = ''] = String(headers['authorization'] ?? '').split(' ');
    if (scheme !== 'Basic') return undefined;
    const given = Buffer.from(encoded, 'base64').toString('utf8');
    return this.#options.clients?.find(({ id, password }) => given === `${id}:${password}`);
  }

  /** The first by priority whose unanchored pattern and methods fit; one without methods never does (fact 6). */
  #match({ method, path }: ReceivedRequest): ChannelDoc | undefined {
    return this.#options
      .channels()
      .filter(({ status, type }) => status === 'enabled' && type === 'http')
      .toSorted((a, b) => (a.priority ?? Number.POSITIVE_INFINITY) - (b.priority ?? Number.POSITIVE_INFINITY) || 0)
      .find(({ urlPattern, methods }) => methods.some((name) => name === method) && new RegExp(urlPattern).test(path));
  }

  #keyOf(clientId: string): string {
    const key = this.#clientKeys.get(clientId) ?? objectId();
    this.#clientKeys.set(clientId, key);
    return key;
  }

  #open(
    request: StoredRequest,
    from: { readonly channel: ChannelDoc; readonly clientId: string | undefined; readonly id: string | undefined },
  ): Transaction {
    const isBodyStored = from.channel.requestBody !== false && request.body !== '';
    const transaction: Transaction = {
      id: objectId(),
      channel: from.channel,
      clientId: from.clientId,
      parentId: from.id,
      childIds: [],
      request: { ...request, body: from.channel.requestBody === false ? '' : request.body },
      canRerun: isBodyStored || !['POST', 'PUT', 'PATCH'].includes(request.method),
      status: 'Processing',
      response: undefined,
      orchestrations: [],
      properties: undefined,
      error: undefined,
      autoRetry: false,
      faults: [],
    };
    this.transactions.push(transaction);
    return transaction;
  }

  async #route(transaction: Transaction, body: Buffer | undefined): Promise<PeerReply> {
    const route = transaction.channel.routes.find(({ primary, status }) => primary === true && status === 'enabled');
    if (route === undefined) return settle(transaction, new Error('no primary route'));
    const { request, channel, id } = transaction;
    const headers: Headers = { ...request.headers, 'x-openhim-transactionid': id };
    delete headers['host'];
    if (!route.forwardAuthHeader) delete headers['authorization'];
    const answer = await send(route, this.routeTo, { ...request, headers }, body, channel.timeout).catch(asError);
    const own = { name: route.name, request: { ...request, headers, body: body?.toString('utf8') ?? '' } };
    transaction.orchestrations.push(
      answer instanceof Error
        ? { ...own, error: { message: answer.message } }
        : { ...own, response: { status: answer.status, headers: answer.headers, body: answer.body.toString('utf8') } },
    );
    return settle(transaction, answer);
  }
}

/** Core's web framework takes the bytes for the answer, whatever they were sent as. */
function echo(status: number, body: Buffer, headers: Readonly<Record<string, string>> = {}): PeerReply {
  return { status, headers: { 'content-type': 'application/octet-stream', ...headers }, body };
}

function isAllowed({ allow }: ChannelDoc, client: RouterClient | undefined): boolean {
  return client !== undefined && allow.some((name) => name === client.id || client.roles.includes(name));
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** One call to the mediator: a connection of its own, an idle timeout, no retry (openhim.md section 5). */
function send(
  route: RouteDoc,
  target: RouteTarget | undefined,
  request: StoredRequest,
  body: Buffer | undefined,
  timeout = DEFAULT_TIMEOUT_MS,
): Promise<RouteAnswer> {
  const { method, path, querystring, headers } = request;
  const { username, password } = route;
  const options: https.RequestOptions = {
    host: target?.host ?? route.host,
    port: target?.port ?? route.port,
    method,
    path: `${route.path ?? path}${querystring === '' ? '' : `?${querystring}`}`,
    headers,
    agent: false,
    timeout,
    ...(target?.ca === undefined ? {} : { ca: target.ca }),
    ...(username === undefined || password === undefined ? {} : { auth: `${username}:${password}` }),
  };
  return new Promise((resolve, reject) => {
    const call = (route.secured === true ? https : http).request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      // Core has no handler for an answer cut in the middle: its client hangs (openhim.md 4.4).
      response.on('error', () => undefined);
    });
    call.on('timeout', () => call.destroy(new Error('Request timed out')));
    call.on('error', reject);
    call.end(body);
  });
}
