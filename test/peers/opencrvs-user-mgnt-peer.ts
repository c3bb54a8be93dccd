import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { frameworkError, type OpenCrvsSystem } from './opencrvs-system.js';

/** A client as it is stored. */
export interface StoredClient {
  /** The database's own id, and the `sub` of the client's tokens. */
  readonly _id: string;
  readonly clientId: string;
  readonly shaSecret: string;
  readonly name: string;
  readonly type: string;
  readonly settings: unknown;
  clientSecret: string;
  status: 'active' | 'deactivated';
}

const WebhookSettings = z.array(z.strictObject({ event: z.string(), permissions: z.array(z.string()).optional() }));
const Settings = z.strictObject({ dailyQuota: z.number().optional(), webhook: WebhookSettings.optional() });

const OldRegistration = z.strictObject({ scope: z.string() });
const OldClientId = z.strictObject({ client_id: z.string() });
const ClientId = z.strictObject({ clientId: z.string().optional() });
const Registration12 = z.strictObject({ type: z.string(), name: z.string().min(1), settings: Settings.optional() });
/** Known to 1.3 and later; 1.2 refuses it as it does any other unknown member. */
const Registration = Registration12.extend({ integratingSystemType: z.string().optional() });

const OLDEST_TYPES = ['HEALTH', 'NATIONAL_ID', 'EXTERNAL_VALIDATION', 'AGE_CHECK'];
const STORED_TYPES = ['HEALTH', 'NATIONAL_ID', 'RECORD_SEARCH', 'WEBHOOK'];

/** What a handler answers to whatever it caught. */
const REFUSED: PeerReply = { status: 400 };
const text = (status: number, body: string): PeerReply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body,
});
const badPayload = (): PeerReply => frameworkError(400, 'Invalid request payload input');

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The scope that the routes of a version ask for (reference/opencrvs.md 1.2). */
export function adminScopeOf(minor: number): string {
  if (minor < 2) return 'sysadmin';
  return minor < 7 ? 'natlsysadmin' : 'config.update:all';
}

/**
 * The user-mgnt service of OpenCRVS 1.`minor`, as far as it keeps system clients (reference/opencrvs.md 1.2, 1.3). The
 * administrator is the owner of `admin`'s tokens.
 */
export class OpenCrvsUserMgntPeer extends HttpPeer {
  readonly clients: StoredClient[] = [];
  adminStatus: 'active' | 'deactivated' = 'active';
  fhirStore: 'up' | 'down' = 'up';
  readonly #admin: OpenCrvsSystem;
  readonly #minor: number;

  constructor(admin: OpenCrvsSystem, minor: number) {
    super();
    this.#admin = admin;
    this.#minor = minor;
  }

  protected override answer(request: ReceivedRequest): PeerReply {
    const route = this.#route(`${request.method} ${request.path}`);
    if (route === undefined) return frameworkError(404);
    const authentication = this.#admin.authenticate(request, 'user-mgnt');
    if ('refusal' in authentication) return authentication.refusal;
    const { scope, sub } = authentication.claims;
    if (route.scope !== undefined && !scope.includes(route.scope)) {
      return json({ statusCode: 403, error: 'Forbidden', message: 'Insufficient scope' }, 403);
    }
    const isAdmin = sub === this.#admin.systemId && this.adminStatus === 'active';
    return route.answer(request.method === 'GET' ? undefined : parsed(request.body), isAdmin);
  }

  #route(call: string) {
    const scope = adminScopeOf(this.#minor);
    const guarded = (answer: (body: unknown, isAdmin: boolean) => PeerReply) => ({ scope, answer });
    if (this.#minor < 2) {
      switch (call) {
        case 'POST /registerSystemClient':
          return guarded((body, isAdmin) => this.#registerOld(body, isAdmin));
        case 'POST /deactivateSystemClient':
          return guarded((body, isAdmin) => this.#setStatusOld(body, isAdmin, 'deactivated'));
        case 'POST /reactivateSystemClient':
          return guarded((body, isAdmin) => this.#setStatusOld(body, isAdmin, 'active'));
        default:
          return undefined;
      }
    }
    switch (call) {
      case 'POST /registerSystem':
        return guarded((body, isAdmin) => this.#register(body, isAdmin));
      case 'POST /deactivateSystem':
        return guarded((body, isAdmin) => this.#setStatus(body, isAdmin, 'deactivated'));
      case 'POST /reactivateSystem':
        return guarded((body, isAdmin) => this.#setStatus(body, isAdmin, 'active'));
      case 'POST /refreshSystemSecret':
        return guarded((body) => this.#refresh(body));
      case 'POST /deleteSystem':
        return guarded((body) => this.#delete(body));
      case 'GET /getAllSystems':
        return { scope: undefined, answer: () => json(this.clients.map((client) => this.#shown(client))) };
      default:
        return undefined;
    }
  }

  #add(client: Pick<StoredClient, 'name' | 'type' | 'settings'>): StoredClient {
    const added: StoredClient = {
      _id: randomBytes(12).toString('hex'),
      clientId: randomUUID(),
      clientSecret: randomUUID(),
      shaSecret: randomUUID(),
      status: 'active',
      ...client,
    };
    this.clients.push(added);
    return added;
  }

  #registerOld(body: unknown, isAdmin: boolean): PeerReply {
    const payload = OldRegistration.safeParse(body);
    if (!payload.success) return badPayload();
    const { scope } = payload.data;
    if (!isAdmin || !OLDEST_TYPES.includes(scope) || this.fhirStore === 'down') return REFUSED;
    const added = this.#add({ name: 'the administrator', type: scope, settings: undefined });
    return json({ client_id: added.clientId, client_secret: added.clientSecret, sha_secret: added.shaSecret }, 201);
  }

  /** Looks the client id up as the database's id. */
  #setStatusOld(body: unknown, isAdmin: boolean, status: StoredClient['status']): PeerReply {
    const payload = OldClientId.safeParse(body);
    if (!payload.success) return badPayload();
    const client = this.clients.find(({ _id }) => _id === payload.data.client_id);
    if (!isAdmin || client === undefined) return REFUSED;
    client.status = status;
    return { status: 200 };
  }

  #register(body: unknown, isAdmin: boolean): PeerReply {
    const payload = (this.#minor === 2 ? Registration12 : Registration).safeParse(body);
    if (!payload.success) return badPayload();
    const { type, name, settings } = payload.data;
    if (type === 'WEBHOOK' && settings === undefined) return text(400, 'Webhook payloads are required !');
    const isTaken = type === 'NATIONAL_ID' && this.clients.some((client) => client.type === type);
    const stored = this.#minor < 9 ? STORED_TYPES : [...STORED_TYPES, 'IMPORT_EXPORT'];
    if (!isAdmin || isTaken || !stored.includes(type) || this.fhirStore === 'down') return REFUSED;
    const added = this.#add({ name, type, settings });
    return json({ clientSecret: added.clientSecret, system: this.#shown(added) }, 201);
  }

  #setStatus(body: unknown, isAdmin: boolean, status: StoredClient['status']): PeerReply {
    const payload = ClientId.safeParse(body);
    if (!payload.success) return badPayload();
    const client = this.#find(payload.data.clientId);
    if (!isAdmin || client === undefined) return REFUSED;
    client.status = status;
    return json(this.#shown(client));
  }

  #refresh(body: unknown): PeerReply {
    const payload = ClientId.safeParse(body);
    if (!payload.success) return badPayload();
    const client = this.#find(payload.data.clientId);
    if (client === undefined) return text(400, 'Unauthorized');
    client.clientSecret = randomUUID();
    return json({ clientSecret: client.clientSecret, system: this.#shown(client) });
  }

  #delete(body: unknown): PeerReply {
    const payload = ClientId.safeParse(body);
    if (!payload.success) return badPayload();
    const client = this.#find(payload.data.clientId);
    if (client === undefined) return text(404, `No system found by clientId: ${payload.data.clientId}`);
    this.clients.splice(this.clients.indexOf(client), 1);
    return json(this.#shown(client));
  }

  /** Without an id the real query has no condition: it finds the first client there is. */
  #find(clientId: string | undefined): StoredClient | undefined {
    return this.clients.find((client) => clientId === undefined || client.clientId === clientId);
  }

  /** All but the client secret; `settings` are the webhook permissions alone on 1.2. */
  #shown({ _id, clientId, shaSecret, name, type, status }: StoredClient): unknown {
    const settings = this.#minor === 2 ? [] : { webhook: [], dailyQuota: 0 };
    return { _id, clientId, shaSecret, name, type, status, settings };
  }
}
