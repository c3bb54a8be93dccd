import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { parse } from './mosip-auth.js';

export interface RegistryPeerOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly callbackKey: string;
  /** Whether applications are decided as soon as they come. Default true. */
  readonly decides?: boolean;
}

const Text = z.string().min(1);
const Facts = {
  givenNames: z.array(Text).min(1),
  familyName: Text.optional(),
  sex: z.enum(['M', 'F']).optional(),
  dateOfBirth: z.iso.date(),
};
const Application = z.strictObject({ reference: z.uuid(), birthRegistration: Text, ...Facts });
const Correction = z.strictObject(Facts);
const End = z.discriminatedUnion('reason', [
  z.strictObject({ reason: z.literal('DEATH'), on: z.iso.date().optional() }),
  z.strictObject({ reason: z.literal('BIRTH_CANCELLED') }),
]);
const Restore = z.strictObject({ reason: z.enum(['DEATH_CANCELLED', 'BIRTH_REINSTATED']) });
const Claim = z.strictObject({
  number: z.string().regex(/^\d{10}$/),
  givenNames: z.array(Text).optional(),
  familyName: Text.optional(),
  sex: z.enum(['M', 'F']).optional(),
  dateOfBirth: z.iso.date().optional(),
});

type Correction = z.output<typeof Correction>;

export interface RegistryPerson extends Correction {
  readonly number: string;
  readonly state: 'active' | 'ended';
  readonly diedOn?: string | undefined;
}

interface StoredApplication {
  readonly application: z.output<typeof Application>;
  state: 'waiting' | 'granted' | 'rejected';
  number?: string;
  rejection?: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const error = (status: number, code: string): PeerReply =>
  json({ error: { code, text: `${code}: refused by the registry` } }, status);

const header = (request: ReceivedRequest, name: string): string => String(request.headers[name] ?? '');

/** The invented registry of `config/rest/registry.yaml`: persons by application, with signed calls back. */
export class RestRegistryPeer extends HttpPeer {
  readonly #options: RegistryPeerOptions;
  readonly #tokens = new Set<string>();
  readonly #applications = new Map<string, StoredApplication>();
  readonly #persons = new Map<string, RegistryPerson>();
  /** Answers by idempotency key, with the request they belong to. */
  readonly #answered = new Map<string, { readonly request: string; readonly reply: PeerReply }>();
  /** Where grants are told; undefined: nowhere. */
  callbackUrl: string | undefined;

  constructor(options: RegistryPeerOptions) {
    super();
    this.#options = options;
  }

  get baseUrl(): string {
    return `${this.url}/api`;
  }

  get persons(): readonly RegistryPerson[] {
    return [...this.#persons.values()];
  }

  /** Puts a person there as if they had always been. */
  add(person: Omit<RegistryPerson, 'state'>): void {
    this.#persons.set(person.number, { ...person, state: 'active' });
  }

  /** From now on every token given so far is refused. */
  revokeTokens(): void {
    this.#tokens.clear();
  }

  /** A clerk decides about the application with this reference. */
  async decide(reference: string, decision: 'granted' | { readonly rejection: string }): Promise<void> {
    const stored = this.#applications.get(reference);
    if (stored === undefined || stored.state !== 'waiting') throw new Error('there is no such application to decide');
    if (decision !== 'granted') {
      stored.state = 'rejected';
      stored.rejection = decision.rejection;
      return;
    }
    const { reference: _ours, birthRegistration: _theirs, ...facts } = stored.application;
    stored.number = String(5_271_936_581 + this.#persons.size);
    stored.state = 'granted';
    this.#persons.set(stored.number, { ...facts, number: stored.number, state: 'active' });
    this.changed();
    await this.call(reference);
  }

  /** Tells the decision about this application, once more where it was told before. Returns the status we are given. */
  async call(reference: string, change: { readonly signature?: string } = {}): Promise<number | undefined> {
    const stored = this.#applications.get(reference);
    if (this.callbackUrl === undefined || stored === undefined) return undefined;
    const body = JSON.stringify({ event: 'application.granted', reference, number: stored.number });
    const signature = `sha256=${createHmac('sha256', this.#options.callbackKey).update(body).digest('hex')}`;
    const response = await fetch(this.callbackUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-registry-delivery': randomUUID(),
        'x-registry-signature': change.signature ?? signature,
      },
      body,
    });
    return response.status;
  }

  protected override async answer(request: ReceivedRequest): Promise<PeerReply> {
    const call = `${request.method} ${request.path}`;
    if (call === 'POST /api/oauth/token') return this.#token(request);
    if (!this.#tokens.has(header(request, 'authorization').replace(/^Bearer /, ''))) {
      return json({ error: { code: 'TOKEN_INVALID' } }, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
    }
    if (request.method !== 'GET' && !/^application\/json\b/.test(header(request, 'content-type'))) {
      return error(415, 'JSON_ONLY');
    }
    if (call === 'POST /api/v1/applications') return this.#once(request, () => this.#apply(request));
    if (call === 'POST /api/v1/persons/verify') return this.#verify(request);
    const [, kind, id = '', action] =
      /^\/api\/v1\/(applications|persons)\/([^/]+)(?:\/(\w+))?$/.exec(request.path) ?? [];
    if (kind === 'applications' && request.method === 'GET' && action === undefined) {
      const stored = this.#applications.get(id);
      return stored === undefined ? error(404, 'APPLICATION_UNKNOWN') : this.#decision(stored);
    }
    return kind === 'persons' ? this.#onPerson(request, id, action) : error(404, 'NO_SUCH_ROUTE');
  }

  #token(request: ReceivedRequest): PeerReply {
    const { clientId, clientSecret } = this.#options;
    const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    const form = new URLSearchParams(request.body.toString('utf8'));
    if (header(request, 'authorization') !== `Basic ${btoa(pair)}`) return json({ error: 'invalid_client' }, 401);
    if (form.get('grant_type') !== 'client_credentials') return json({ error: 'unsupported_grant_type' }, 400);
    if (form.get('scope') !== 'persons.read persons.write') return json({ error: 'invalid_scope' }, 400);
    const token = randomUUID();
    this.#tokens.add(token);
    return json({ access_token: token, token_type: 'Bearer', expires_in: 300 });
  }

  /** The same key with the same request gives the same answer; with another one it is an error. */
  #once(request: ReceivedRequest, work: () => PeerReply): PeerReply {
    const key = header(request, 'idempotency-key');
    if (!UUID.test(key)) return error(400, 'IDEMPOTENCY_KEY_MISSING');
    const text = `${request.method} ${request.path} ${request.body.toString('utf8')}`;
    const before = this.#answered.get(key);
    if (before !== undefined) return before.request === text ? before.reply : error(409, 'IDEMPOTENCY_KEY_REUSED');
    const reply = work();
    if (reply.status < 300) this.#answered.set(key, { request: text, reply });
    return reply;
  }

  #apply(request: ReceivedRequest): PeerReply {
    const application = Application.safeParse(parse(request.body));
    if (!application.success) return this.#invalid(application.error);
    const { reference } = application.data;
    const stored: StoredApplication = { application: application.data, state: 'waiting' };
    this.#applications.set(reference, stored);
    const reply = this.#decision(stored);
    if (this.#options.decides !== false) void this.decide(reference, 'granted');
    return { ...reply, status: 202 };
  }

  #decision({ state, number, rejection, application }: StoredApplication): PeerReply {
    return json({ reference: application.reference, state, number, rejection });
  }

  #invalid({ issues }: z.ZodError): PeerReply {
    const fields = issues.map(({ path }) => path[0]);
    if (fields.includes('dateOfBirth')) return error(422, 'BIRTH_DATE_INVALID');
    return error(422, fields.includes('givenNames') ? 'NAME_MISSING' : 'FIELDS_INVALID');
  }

  #onPerson(request: ReceivedRequest, number: string, action: string | undefined): PeerReply {
    const person = this.#persons.get(number);
    if (person === undefined) return error(404, 'PERSON_UNKNOWN');
    const body = parse(request.body);
    const change = <T>(schema: z.ZodType<T>, apply: (changed: T) => Partial<RegistryPerson>): PeerReply => {
      const parsed = schema.safeParse(body);
      if (!parsed.success) return this.#invalid(parsed.error);
      this.#persons.set(number, { ...person, ...apply(parsed.data) });
      return json({ number, state: this.#persons.get(number)?.state });
    };
    switch (`${request.method} ${action ?? ''}`) {
      case 'GET ':
        return json(person);
      case 'GET age':
        return this.#age(person, request.query);
      case 'PUT ':
        return change(Correction, (facts) => facts);
      case 'POST end':
        return this.#once(request, () =>
          change(End, (end) => ({ state: 'ended', diedOn: end.reason === 'DEATH' ? end.on : undefined })),
        );
      case 'POST restore':
        return this.#once(request, () => change(Restore, () => ({ state: 'active', diedOn: undefined })));
      default:
        return error(405, 'METHOD');
    }
  }

  #age(person: RegistryPerson, query: URLSearchParams): PeerReply {
    const years = Number(query.get('years') ?? Number.NaN);
    const on = z.iso.date().safeParse(query.get('on'));
    if (!Number.isInteger(years) || !on.success) return error(422, 'QUESTION_INVALID');
    const birthday = `${Number(person.dateOfBirth.slice(0, 4)) + years}${person.dateOfBirth.slice(4)}`;
    return json({ state: person.state, reached: birthday <= on.data });
  }

  #verify(request: ReceivedRequest): PeerReply {
    const claim = Claim.safeParse(parse(request.body));
    if (!claim.success) return this.#invalid(claim.error);
    const { number, ...claimed } = claim.data;
    const person = this.#persons.get(number);
    if (person === undefined) return error(404, 'PERSON_UNKNOWN');
    const names = Object.keys(claimed) as (keyof typeof claimed)[];
    const differs = names.filter((name) => JSON.stringify(claimed[name]) !== JSON.stringify(person[name]));
    return json({ state: person.state, differs });
  }
}
