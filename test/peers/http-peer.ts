import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** What a peer was sent: kept for assertions. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as it was sent, without the question mark. */
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface PeerReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

/**
 * Ways to fail. A plain reply answers in the peer's stead; `reset`, `hang` and `garbage` happen instead of the work,
 * `hang-after`, `cut` and `drip` after it was done (the caller does not learn the outcome).
 */
export type Fault =
  | PeerReply
  | { readonly kind: 'reset' | 'hang' | 'garbage' | 'hang-after' | 'cut' }
  | { readonly kind: 'drip'; readonly everyMs: number };

interface PlannedFault {
  readonly matches: (request: ReceivedRequest) => boolean;
  readonly fault: Fault;
  left: number;
}

/** Thrown by an `answer` whose real system would drop the connection at this point, e.g. because it crashes. */
export class ConnectionDropped extends Error {}

/** JSON reply with a status (200). */
export function json(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): PeerReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** How a peer speaks TLS. */
export interface PeerTls {
  readonly key: string;
  readonly cert: string;
  /** The authority of its clients: a connection without a certificate of it does not come about. */
  readonly clientCa?: string;
  /** Its version; default whatever the client takes. */
  readonly version?: 'TLSv1.2' | 'TLSv1.3';
}

function tlsOptions({ key, cert, clientCa, version }: PeerTls): ServerOptions {
  return {
    key,
    cert,
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
  };
}

/** A real little server on loopback. Subclasses answer as strictly as the system they stand for. */
export abstract class HttpPeer {
  readonly received: ReceivedRequest[] = [];
  #server: Server | undefined;
  #port = 0;
  #connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #faults: PlannedFault[] = [];
  #weather: (request: ReceivedRequest) => Fault | undefined = () => undefined;
  readonly #watchers = new Set<() => void>();
  readonly #tls: PeerTls | undefined;

  constructor(tls?: PeerTls) {
    this.#tls = tls;
  }

  /** What is no HTTP, such as a TLS greeting at a plain port, gets no answer. Otherwise Node's own: 400 and the end. */
  protected readonly ignoresOtherProtocols: boolean = false;

  /** Answers a request that no fault took. */
  protected abstract answer(request: ReceivedRequest): PeerReply | Promise<PeerReply>;

  get url(): string {
    return `${this.#tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.#port}`;
  }

  /** How many connections were opened so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Listens; after a stop it takes the same port again, as a restarted system would. */
  async start(): Promise<this> {
    const handler = (request: IncomingMessage, response: ServerResponse): void => void this.#handle(request, response);
    const server = this.#tls === undefined ? createServer(handler) : createTlsServer(tlsOptions(this.#tls), handler);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      this.#connections += 1;
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    });
    if (this.ignoresOtherProtocols) server.on('clientError', () => undefined);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  /** Goes away at once: open connections are cut, new ones refused. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  /** The next `times` requests that match fail in this way. `path` matches the end of the request's path. */
  fail(path: string | ((request: ReceivedRequest) => boolean), fault: Fault, times = Number.POSITIVE_INFINITY): void {
    const matches = typeof path === 'function' ? path : (request: ReceivedRequest) => request.path.endsWith(path);
    this.#faults.push({ matches, fault, left: times });
  }

  /** From now on `weather` decides for each request that no planned fault takes whether it fails, and how. */
  expose(weather: (request: ReceivedRequest) => Fault | undefined): void {
    this.#weather = weather;
  }

  /** No more faults. */
  heal(): void {
    this.#faults.length = 0;
    this.#weather = () => undefined;
  }

  /** The requests whose path ends so. */
  requestsTo(path: string): ReceivedRequest[] {
    return this.received.filter((request) => request.path.endsWith(path));
  }

  /** Resolves as soon as `condition` holds; looked at after every request the peer has answered. */
  async until(condition: () => boolean, deadlineMs = 10_000): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const watcher = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(watcher);
        reject(new Error(`${this.constructor.name}: the awaited state did not come within ${deadlineMs} ms`));
      }, deadlineMs);
      this.#watchers.add(watcher);
    });
  }

  /** Looks again at what tests wait for: for peers whose state changes outside a request. */
  protected changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #takeFault(request: ReceivedRequest): Fault | undefined {
    const planned = this.#faults.find((entry) => entry.left > 0 && entry.matches(request));
    if (planned === undefined) return this.#weather(request);
    planned.left -= 1;
    return planned.fault;
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(message);
      const url = new URL(message.url ?? '/', 'http://peer');
      const request: ReceivedRequest = {
        method: message.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        rawQuery: url.search.slice(1),
        headers: message.headers,
        body,
      };
      const fault = this.#takeFault(request);
      this.received.push(request);
      await this.#serve(request, response, fault);
    } catch (thrown) {
      if (thrown instanceof ConnectionDropped) response.destroy();
      // The client went away while it was being served, or the peer itself is broken: a test must see the latter.
      if (!response.destroyed && !response.headersSent) response.writeHead(500).end(`peer fault: ${String(thrown)}`);
    } finally {
      this.changed();
    }
  }

  async #serve(request: ReceivedRequest, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    if (fault === undefined) return send(response, await this.answer(request));
    if ('status' in fault) return send(response, fault);
    switch (fault.kind) {
      case 'reset':
        response.destroy();
        return;
      case 'hang':
        return;
      case 'garbage':
        send(response, { status: 200, headers: { 'content-type': 'application/json' }, body: '{"garb\u0000age' });
        return;
      case 'hang-after':
        await this.answer(request);
        return;
      case 'cut': {
        const reply = await this.answer(request);
        const bytes = Buffer.from(reply.body ?? '{"cut":true}');
        response.writeHead(reply.status, { ...reply.headers, 'content-length': String(bytes.length) });
        response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
        return;
      }
      case 'drip': {
        const reply = await this.answer(request);
        response.writeHead(reply.status, reply.headers as Record<string, string | string[]>);
        drip(response, Buffer.from(reply.body ?? ''), fault.everyMs);
      }
    }
  }
}

function send(response: ServerResponse, reply: PeerReply): void {
  response.writeHead(reply.status, reply.headers as Record<string, string | string[]>).end(reply.body);
}

function drip(response: ServerResponse, bytes: Buffer, everyMs: number): void {
  let offset = 0;
  const timer = setInterval(() => {
    if (response.destroyed || offset >= bytes.length) {
      clearInterval(timer);
      response.end();
      return;
    }
    response.write(bytes.subarray(offset, offset + 1));
    offset += 1;
  }, everyMs);
}
