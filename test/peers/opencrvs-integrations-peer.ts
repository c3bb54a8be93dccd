import { randomUUID } from 'node:crypto';
import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import superjson from 'superjson';
import { z } from 'zod';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import type { OpenCrvsSystem } from './opencrvs-system.js';

export interface StoredIntegration {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly shaSecret: string;
  clientSecret: string;
  status: 'active' | 'disabled';
}

interface Context {
  /** Scopes of the caller; undefined when nobody is known. */
  readonly scopes: readonly string[] | undefined;
}

const NewIntegration = z.object({ name: z.string().min(1), scopes: z.array(z.string()).min(1) });
const Id = z.object({ id: z.uuid() });

function integrationsRouter(stored: StoredIntegration[], createdBy: string) {
  const t = initTRPC.context<Context>().create({ transformer: superjson });
  const admin = t.procedure.use(({ ctx, next }) => {
    if (ctx.scopes === undefined) throw new TRPCError({ code: 'UNAUTHORIZED' });
    if (!ctx.scopes.includes('type=integration.create')) throw new TRPCError({ code: 'FORBIDDEN' });
    return next();
  });
  /** An unknown id makes the real query fail, which is no answer of its own. */
  const find = (id: string): StoredIntegration => {
    const found = stored.find((integration) => integration.id === id);
    if (found === undefined) throw new Error('no result');
    return found;
  };
  const setStatus = (id: string, status: StoredIntegration['status']) => {
    const found = find(id);
    found.status = status;
    return { id, name: found.name, status };
  };

  return t.router({
    integrations: t.router({
      create: admin.input(NewIntegration).mutation(({ input }) => {
        const integration: StoredIntegration = {
          id: randomUUID(),
          ...input,
          createdAt: new Date(0).toISOString(),
          createdBy,
          shaSecret: randomUUID(),
          clientSecret: randomUUID(),
          status: 'active',
        };
        stored.push(integration);
        const { id, shaSecret, clientSecret } = integration;
        return { clientId: id, shaSecret, clientSecret };
      }),
      list: admin
        .input(z.object({ status: z.enum(['active', 'disabled']).optional() }).optional())
        .query(() => stored.map(({ shaSecret: _sha, clientSecret: _secret, ...shown }) => shown)),
      deactivate: admin.input(Id).mutation(({ input }) => setStatus(input.id, 'disabled')),
      activate: admin.input(Id).mutation(({ input }) => setStatus(input.id, 'active')),
      delete: admin.input(Id).mutation(({ input }) => {
        const found = find(input.id);
        stored.splice(stored.indexOf(found), 1);
        return { id: found.id, name: found.name };
      }),
      refreshSecret: admin.input(Id).mutation(({ input }) => {
        const found = find(input.id);
        found.clientSecret = randomUUID();
        return { clientId: found.id, clientSecret: found.clientSecret };
      }),
    }),
  });
}

const PROCEDURES = new Set(
  ['create', 'list', 'deactivate', 'activate', 'delete', 'refreshSecret'].map((name) => `/integrations.${name}`),
);

/**
 * The events service of 2.x, as far as it keeps integration clients: tRPC, and one plain REST call (reference/opencrvs.md
 * 1.2, 1.3; core@v2.0.0 events/src/router/integrations/index.ts). `base` is `/events` where it is seen through the
 * gateway.
 */
export class OpenCrvsIntegrationsPeer extends HttpPeer {
  readonly integrations: StoredIntegration[] = [];
  readonly #admin: OpenCrvsSystem;
  readonly #base: string;
  readonly #router: ReturnType<typeof integrationsRouter>;

  constructor(admin: OpenCrvsSystem, base = '') {
    super();
    this.#admin = admin;
    this.#base = base;
    this.#router = integrationsRouter(this.integrations, admin.systemId);
  }

  protected override async answer(request: ReceivedRequest): Promise<PeerReply> {
    if (!request.path.startsWith(this.#base)) return json({ message: 'Not found', code: 'NOT_FOUND' }, 404);
    const path = request.path.slice(this.#base.length);
    if (`${request.method} ${path}` === 'POST /integrations') return this.#rest(request);
    if (!PROCEDURES.has(path)) return json({ message: 'Not found', code: 'NOT_FOUND' }, 404);
    return this.#trpc(request);
  }

  #context(request: ReceivedRequest): Context {
    const authentication = this.#admin.authenticate(request, 'gateway');
    return { scopes: 'claims' in authentication ? authentication.claims.scope : undefined };
  }

  async #rest(request: ReceivedRequest): Promise<PeerReply> {
    try {
      const input = NewIntegration.parse(JSON.parse(request.body.toString('utf8')));
      return json(await this.#router.createCaller(this.#context(request)).integrations.create(input));
    } catch (thrown) {
      const error =
        thrown instanceof TRPCError
          ? thrown
          : new TRPCError({ code: 'BAD_REQUEST', message: 'Input validation failed' });
      return json({ message: error.message, code: error.code }, getHTTPStatusCodeFromError(error));
    }
  }

  async #trpc(request: ReceivedRequest): Promise<PeerReply> {
    const query = request.rawQuery === '' ? '' : `?${request.rawQuery}`;
    const response = await fetchRequestHandler({
      endpoint: this.#base,
      router: this.#router,
      createContext: () => this.#context(request),
      req: new Request(`http://events${request.path}${query}`, {
        method: request.method,
        headers: { 'content-type': String(request.headers['content-type'] ?? '') },
        ...(request.method === 'GET' ? {} : { body: new Uint8Array(request.body) }),
      }),
    });
    return {
      status: response.status,
      headers: { 'content-type': 'application/json' },
      body: await response.text(),
    };
  }
}
