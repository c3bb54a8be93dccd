import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import superjson from 'superjson';
import { z } from 'zod';
import { HttpPeer, type PeerReply, type ReceivedRequest } from './http-peer.js';
import type { OpenCrvsAuthPeer } from './opencrvs-auth-peer.js';
import { answerRest, hasScope } from './opencrvs-events-rest.js';
import { OpenCrvsEventsStore, type StoredEvent } from './opencrvs-events-store.js';
import { type Claims, frameworkError, type OpenCrvsSystem } from './opencrvs-system.js';

interface Context {
  /** Undefined for a token that is missing, expired or not of this OpenCRVS. */
  readonly claims: Claims | undefined;
}

/** Those of a token for one action, which are all that an answer may be given with. */
const SCOPES = ['record.confirm-registration', 'record.reject-registration'];

const { router, procedure } = initTRPC.context<Context>().create({ transformer: superjson });

const Reference = z.object({ eventId: z.uuid(), actionId: z.uuid(), transactionId: z.string().min(1) });
const Accept = Reference.extend({
  declaration: z.record(z.string(), z.unknown()).optional(),
  annotation: z.record(z.string(), z.unknown()).optional(),
});
const Register = Accept.extend({ registrationNumber: z.string().min(1) });
const Approve = Accept.extend({ requestId: z.string().min(1) });

/** Lets in the token of the very action that is answered. */
function authorize({ claims }: Context, { eventId, actionId }: z.infer<typeof Reference>): void {
  if (claims === undefined) throw new TRPCError({ code: 'UNAUTHORIZED' });
  const isForThis = claims.eventId === eventId && claims.actionId === actionId;
  if (!SCOPES.every((scope) => hasScope(claims, scope)) || !isForThis) throw new TRPCError({ code: 'FORBIDDEN' });
}

function createRouter(store: OpenCrvsEventsStore, now: () => string) {
  const answers = <T extends typeof Accept>(type: string, schema: T) => ({
    accept: procedure.input(schema).mutation(({ ctx, input }) => {
      const answer = Accept.loose().parse(input);
      authorize(ctx, answer);
      return store.accept(type, answer, now());
    }),
    reject: procedure.input(Reference).mutation(({ ctx, input }) => {
      authorize(ctx, input);
      return store.reject(input, now());
    }),
  });
  return router({
    event: router({
      actions: router({
        register: router(answers('REGISTER', Register)),
        correction: router({ approve: router(answers('APPROVE_CORRECTION', Approve)) }),
        revocation: router({
          revoke: router(answers('REVOKE_REGISTRATION', Accept)),
          reinstate: router(answers('REINSTATE_REGISTRATION', Accept)),
        }),
      }),
    }),
  });
}

/** How OpenCRVS takes the answer of a country configuration to a trigger (reference/opencrvs.md 6.2). */
export type TriggerOutcome = 'accepted' | 'rejected' | 'waits' | 'failed';
const OUTCOMES: Readonly<Record<number, TriggerOutcome>> = { 200: 'accepted', 400: 'rejected', 202: 'waits' };

/** The events service of OpenCRVS 1.9 and later behind its gateway (reference/opencrvs.md 6). */
export class OpenCrvsEventsPeer extends HttpPeer {
  readonly events = new OpenCrvsEventsStore();
  readonly #system: OpenCrvsSystem;
  readonly #auth: OpenCrvsAuthPeer | undefined;
  readonly #router;

  /** `auth`: the auth service behind the same gateway. */
  constructor(system: OpenCrvsSystem, auth?: OpenCrvsAuthPeer) {
    super();
    this.#system = system;
    this.#auth = auth;
    this.#router = createRouter(this.events, () => new Date(system.now()).toISOString());
  }

  /** Takes an event in and asks for the answer to its pending action, as it asks a country configuration. */
  async trigger(address: string, document: unknown): Promise<{ outcome: TriggerOutcome; body: unknown }> {
    const event = this.events.load(document);
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: this.authorizationFor(event) },
      body: JSON.stringify(event),
    });
    return { outcome: OUTCOMES[response.status] ?? 'failed', body: await response.json().catch(() => undefined) };
  }

  /** The header with the token for the pending action of an event. */
  authorizationFor({ id: eventId }: StoredEvent): string {
    const { id: actionId } = this.events.pendingAction(eventId);
    return `Bearer ${this.#system.issueReplyToken({ eventId, actionId })}`;
  }

  /** Also asked by a gateway in front of it. */
  override async answer(request: ReceivedRequest): Promise<PeerReply> {
    if (request.path.startsWith('/auth/') && this.#auth !== undefined) return this.#auth.answer(request);
    if (!request.path.startsWith('/events/')) return frameworkError(404);
    const authentication = this.#system.authenticate(request, 'gateway');
    const { method, path, rawQuery, body } = request;
    // The gateway takes its own `/events` off; what is then left of a REST call begins with the service's.
    const claims = 'claims' in authentication ? authentication.claims : undefined;
    const rest = answerRest(this.events, request, claims);
    if (rest !== undefined) return rest;
    const headers = new Headers({ 'content-type': String(request.headers['content-type'] ?? '') });
    const response = await fetchRequestHandler({
      endpoint: '/events',
      req: new Request(`http://events${path}?${rawQuery}`, { method, headers, ...(method === 'POST' ? { body } : {}) }),
      router: this.#router,
      createContext: (): Context => ({ claims }),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    };
  }
}
