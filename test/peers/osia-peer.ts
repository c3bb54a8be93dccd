import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { OsiaNotification } from './osia-notification.js';
import { notificationRoutes } from './osia-notification-routes.js';
import { Attributes, Expressions, holds, NewIdentity, OsiaPopulation, PersonState } from './osia-population.js';
import { empty, error, type OsiaRoute } from './osia-route.js';

export interface OsiaPeerOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** What our client may ask for; default everything. */
  readonly scopes?: readonly string[];
  /** Whether the UIN service enters the person in the registry itself. Default false: it only makes numbers. */
  readonly registers?: boolean;
}

const ALL_SCOPES = [
  ...['uin.generate', 'pr.person.read', 'pr.person.write', 'pr.person.match', 'pr.person.verify'],
  ...['pr.identity.read', 'pr.identity.write', 'pr.reference.write'],
  ...['notif.topic.write', 'notif.topic.publish', 'notif.sub.read', 'notif.sub.write'],
];
const BASE_PATH = '/osia';

/** An OSIA 7.1 system with all its interfaces at one address, strict about everything that OSIA says (src/doc/yaml). */
export class OsiaPeer extends HttpPeer {
  readonly population = new OsiaPopulation();
  readonly notification = new OsiaNotification(() => this.changed());
  /** Every number that was made. */
  readonly uins: string[] = [];
  /** The number that the UIN service gives next, in place of a new one. */
  nextUin: string | undefined;
  readonly #options: OsiaPeerOptions;
  readonly #tokens = new Map<string, ReadonlySet<string>>();

  constructor(options: OsiaPeerOptions) {
    super();
    this.#options = options;
  }

  get baseUrl(): string {
    return `${this.url}${BASE_PATH}`;
  }

  get tokenUrl(): string {
    return `${this.url}/oauth/token`;
  }

  /** From now on every token given so far is refused. */
  revokeTokens(): void {
    this.#tokens.clear();
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.notification.idle();
  }

  protected answer(request: ReceivedRequest): PeerReply {
    if (request.path === '/oauth/token') return this.#token(request);
    const path = request.path.startsWith(`${BASE_PATH}/`) ? request.path.slice(BASE_PATH.length) : '';
    for (const route of this.#routes) {
      const ids = route.path.exec(path);
      if (ids === null || route.method !== request.method || route.when?.(request) === false) continue;
      const scopes = this.#scopesOf(request);
      if (scopes === undefined) return empty(401);
      if (!scopes.has(route.scope)) return empty(403);
      const known = route.query.map((name) => name.replace('!', ''));
      const needed = route.query.filter((name) => name.endsWith('!')).map((name) => name.slice(0, -1));
      const isComplete = needed.every((name) => (request.query.get(name) ?? '') !== '');
      if (!isComplete || [...request.query.keys()].some((name) => !known.includes(name))) return error(400, 1, request);
      return route.work(ids.slice(1).map(decodeURIComponent), request);
    }
    return empty(404);
  }

  #token(request: ReceivedRequest): PeerReply {
    const form = new URLSearchParams(request.body.toString('utf8'));
    const { clientId, clientSecret, scopes: allowed = ALL_SCOPES } = this.#options;
    const pair = [clientId, clientSecret].map(encodeURIComponent).join(':');
    const isKnown =
      request.headers['authorization'] === `Basic ${Buffer.from(pair).toString('base64')}` ||
      (form.get('client_id') === clientId && form.get('client_secret') === clientSecret);
    if (request.method !== 'POST' || form.get('grant_type') !== 'client_credentials') {
      return json({ error: 'unsupported_grant_type' }, 400);
    }
    if (!isKnown) return json({ error: 'invalid_client' }, 401);
    const asked = (form.get('scope') ?? '').split(' ');
    if (asked.some((scope) => !ALL_SCOPES.includes(scope))) return json({ error: 'invalid_scope' }, 400);
    const token = randomUUID();
    this.#tokens.set(token, new Set(asked.filter((scope) => allowed.includes(scope))));
    return json({ access_token: token, token_type: 'Bearer', expires_in: 300 });
  }

  #scopesOf(request: ReceivedRequest): ReadonlySet<string> | undefined {
    const [, token = ''] = /^Bearer (.+)$/.exec(String(request.headers['authorization'] ?? '')) ?? [];
    return this.#tokens.get(token);
  }

  /** The body of the request, or the 400 that it deserves. */
  #read<T extends z.ZodType>(schema: T, request: ReceivedRequest, work: (body: z.output<T>) => PeerReply): PeerReply {
    if (!/^application\/json\b/.test(String(request.headers['content-type'] ?? ''))) return error(400, 2, request);
    let body: unknown;
    try {
      body = JSON.parse(request.body.toString('utf8'));
    } catch {
      return error(400, 3, request);
    }
    const parsed = schema.safeParse(body);
    return parsed.success ? work(parsed.data) : error(400, 4, request);
  }

  readonly #generateUin = (_ids: readonly string[], request: ReceivedRequest): PeerReply =>
    this.#read(Attributes, request, (attributes) => {
      if (Object.keys(attributes).length === 0) return error(400, 5, request);
      const uin = this.nextUin ?? String(6_271_936_581 + this.uins.length);
      this.nextUin = undefined;
      this.uins.push(uin);
      if (this.#options.registers === true) this.population.add(uin, attributes);
      return json(uin);
    });

  readonly #findPersons = (_ids: readonly string[], request: ReceivedRequest): PeerReply =>
    this.#read(Expressions, request, (expressions) => {
      const found = this.population.find(expressions);
      const isGrouped = request.query.get('group') === 'true';
      const persons = [...new Set(found.map(({ personId }) => personId))].map((personId) => ({ personId }));
      const offset = Number(request.query.get('offset') ?? 0);
      return json((isGrouped ? persons : found).slice(offset, offset + Number(request.query.get('limit') ?? 100)));
    });

  readonly #createPerson = ([personId = '']: readonly string[], request: ReceivedRequest): PeerReply =>
    this.#read(PersonState, request, (state) => {
      if (this.population.get(personId) !== undefined) return empty(409);
      this.population.add(personId).state = state;
      return empty(201);
    });

  readonly #readPerson = ([personId = '']: readonly string[]): PeerReply => {
    const person = this.population.get(personId);
    return person === undefined ? empty(404) : json({ personId, ...person.state });
  };

  readonly #updatePerson = ([personId = '']: readonly string[], request: ReceivedRequest): PeerReply =>
    this.#read(PersonState, request, (state) => {
      const person = this.population.get(personId);
      if (person === undefined) return empty(404);
      person.state = state;
      return empty(204);
    });

  readonly #readIdentities = ([personId = '']: readonly string[]): PeerReply => {
    const person = this.population.get(personId);
    if (person === undefined) return empty(404);
    return json([...person.identities].map(([identityId, identity]) => ({ identityId, ...identity })));
  };

  readonly #createIdentity = (
    [personId = '', identityId = '']: readonly string[],
    request: ReceivedRequest,
  ): PeerReply =>
    this.#read(NewIdentity, request, (identity) => {
      const person = this.population.get(personId);
      if (person === undefined) return error(400, 6, request);
      if (this.population.hasIdentity(identityId)) return empty(409);
      person.identities.set(identityId, identity);
      return empty(201);
    });

  readonly #defineReference = ([personId = '', identityId = '']: readonly string[]): PeerReply => {
    const person = this.population.get(personId);
    if (person?.identities.has(identityId) !== true) return empty(404);
    person.reference = identityId;
    return empty(204);
  };

  readonly #readAttributes = ([uin = '']: readonly string[], request: ReceivedRequest): PeerReply => {
    const person = this.population.get(uin);
    if (person === undefined) return empty(404);
    const attributes = this.population.attributesOf(person);
    const unknown = { code: 1023, message: 'Unknown attribute name' };
    return json(
      Object.fromEntries(request.query.getAll('attributeNames').map((name) => [name, attributes[name] ?? unknown])),
    );
  };

  readonly #match = ([uin = '']: readonly string[], request: ReceivedRequest): PeerReply =>
    this.#read(Attributes, request, (claimed) => {
      const person = this.population.get(uin);
      if (person === undefined) return empty(404);
      const own = this.population.attributesOf(person);
      const differing = Object.entries(claimed).filter(([name, value]) => own[name] !== value);
      return json(differing.map(([name]) => ({ attributeName: name, errorCode: own[name] === undefined ? 0 : 1 })));
    });

  readonly #verify = ([uin = '']: readonly string[], request: ReceivedRequest): PeerReply =>
    this.#read(Expressions, request, (expressions) => {
      const person = this.population.get(uin);
      return person === undefined ? empty(404) : json(holds(this.population.attributesOf(person), expressions));
    });

  readonly #routes: readonly OsiaRoute[] = [
    { method: 'POST', path: /^\/v1\/uin$/, scope: 'uin.generate', query: ['transactionId!'], work: this.#generateUin },
    {
      method: 'POST',
      path: /^\/v1\/persons$/,
      scope: 'pr.person.read',
      query: ['transactionId!', 'group', 'reference', 'gallery', 'offset', 'limit'],
      work: this.#findPersons,
    },
    {
      method: 'GET',
      path: /^\/v1\/persons\/([^/]+)$/,
      scope: 'pr.person.read',
      query: ['attributeNames!'],
      when: ({ query }) => query.has('attributeNames'),
      work: this.#readAttributes,
    },
    {
      method: 'GET',
      path: /^\/v1\/persons\/([^/]+)$/,
      scope: 'pr.person.read',
      query: ['transactionId!'],
      work: this.#readPerson,
    },
    {
      method: 'POST',
      path: /^\/v1\/persons\/([^/]+)$/,
      scope: 'pr.person.write',
      query: ['transactionId!'],
      work: this.#createPerson,
    },
    {
      method: 'PUT',
      path: /^\/v1\/persons\/([^/]+)$/,
      scope: 'pr.person.write',
      query: ['transactionId!'],
      work: this.#updatePerson,
    },
    {
      method: 'GET',
      path: /^\/v1\/persons\/([^/]+)\/identities$/,
      scope: 'pr.identity.read',
      query: ['transactionId!'],
      work: this.#readIdentities,
    },
    {
      method: 'POST',
      path: /^\/v1\/persons\/([^/]+)\/identities\/([^/]+)$/,
      scope: 'pr.identity.write',
      query: ['transactionId!'],
      work: this.#createIdentity,
    },
    {
      method: 'PUT',
      path: /^\/v1\/persons\/([^/]+)\/identities\/([^/]+)\/reference$/,
      scope: 'pr.reference.write',
      query: ['transactionId!'],
      work: this.#defineReference,
    },
    { method: 'POST', path: /^\/v1\/persons\/([^/]+)\/match$/, scope: 'pr.person.match', query: [], work: this.#match },
    {
      method: 'POST',
      path: /^\/v1\/persons\/([^/]+)\/verify$/,
      scope: 'pr.person.verify',
      query: [],
      work: this.#verify,
    },
    ...notificationRoutes(this.notification),
  ];
}
