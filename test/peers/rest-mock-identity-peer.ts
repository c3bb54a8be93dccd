import { z } from 'zod';
import { type Clock, isoNow, systemClock } from '../../src/runtime/index.js';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { parse } from './mosip-auth.js';

const BASE_PATH = '/v1/mock-identity-system';
const ALLOWED_SKEW_MS = 120_000;

const NotBlank = z.string().regex(/\S/);
const Languages = z.array(z.strictObject({ language: z.string(), value: NotBlank }));

/** `mock-identity-schema.json` of mosip/esignet-mock-services. */
const Required = z.strictObject({
  individualId: z.string().regex(/^[0-9]{5,19}$/),
  fullName: Languages,
  givenName: Languages,
  familyName: Languages,
  gender: Languages,
  locality: Languages,
  region: Languages,
  country: Languages,
  pin: NotBlank,
  preferredLang: z.string().nullable(),
  dateOfBirth: NotBlank,
  postalCode: NotBlank,
  encodedPhoto: z.string(),
  email: z.string().regex(/^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/),
  phone: NotBlank,
});
const optional = {
  middleName: Languages.nullish(),
  nickName: Languages.nullish(),
  preferredUsername: Languages.nullish(),
  streetAddress: Languages.nullish(),
  zoneInfo: z.string().nullish(),
  locale: NotBlank.nullish(),
  password: NotBlank.nullish(),
};
const Identity = Required.extend(optional);
/** A change need not be whole. */
const Change = Identity.partial();

export type MockIdentity = z.output<typeof Identity>;

const Wrapper = z.object({ requestTime: z.string(), request: z.record(z.string(), z.unknown()) });

/**
 * MOSIP's mock-identity-system, its identity routes (mosip/esignet-mock-services, IdentityController, read at a54f550).
 * Every fault of a request is a 200 with `errors`; who calls is not asked.
 */
export class RestMockIdentityPeer extends HttpPeer {
  readonly #clock: Clock;
  readonly #identities = new Map<string, MockIdentity>();

  constructor(clock: Clock = systemClock) {
    super();
    this.#clock = clock;
  }

  get baseUrl(): string {
    return `${this.url}${BASE_PATH}`;
  }

  get identities(): readonly MockIdentity[] {
    return [...this.#identities.values()];
  }

  protected override answer(request: ReceivedRequest): PeerReply {
    const id = /^\/v1\/mock-identity-system\/identity(?:\/([^/]+))?$/.exec(request.path);
    if (id === null)
      return json({ title: 'Not Found', status: 404 }, 404, { 'content-type': 'application/problem+json' });
    if (request.method === 'GET' && id[1] !== undefined) return this.#read(decodeURIComponent(id[1]));
    if (id[1] !== undefined || !['POST', 'PUT'].includes(request.method)) {
      return json({ title: 'Method Not Allowed', status: 405 }, 405, { 'content-type': 'application/problem+json' });
    }
    if (!String(request.headers['content-type'] ?? '').startsWith('application/json')) {
      return json({ title: 'Unsupported Media Type', status: 415 }, 415, {
        'content-type': 'application/problem+json',
      });
    }
    return this.#write(request.method === 'POST' ? 'create' : 'update', request.body);
  }

  #reply(response: unknown, errors: readonly { errorCode: string; message: string }[] = []): PeerReply {
    return json({ responseTime: isoNow(this.#clock), response, errors });
  }

  #errors(...codes: readonly string[]): PeerReply {
    return this.#reply(
      null,
      codes.map((errorCode) => ({ errorCode, message: `request: ${errorCode}` })),
    );
  }

  #read(individualId: string): PeerReply {
    const found = this.#identities.get(individualId);
    return found === undefined ? this.#errors('invalid_individual_id') : this.#reply(found);
  }

  #write(action: 'create' | 'update', body: Buffer): PeerReply {
    const wrapper = Wrapper.safeParse(parse(body));
    if (!wrapper.success) return this.#errors(parse(body) === undefined ? 'unknown_error' : 'invalid_request');
    const { requestTime, request } = wrapper.data;
    const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(requestTime);
    if (!isTime || Math.abs(Date.parse(requestTime) - this.#clock.now()) > ALLOWED_SKEW_MS) {
      return this.#errors('invalid_request');
    }
    const parsed = action === 'create' ? Identity.safeParse(request) : Change.safeParse(request);
    if (!parsed.success) {
      const fields = parsed.error.issues.map((issue) =>
        issue.code === 'unrecognized_keys' ? issue.keys[0] : issue.path[0],
      );
      return this.#errors(...new Set(fields.map((field) => `invalid_${String(field).toLowerCase()}`)));
    }
    return action === 'create' ? this.#create(Identity.parse(request)) : this.#update(Change.parse(request));
  }

  #create(identity: MockIdentity): PeerReply {
    if (this.#identities.has(identity.individualId)) return this.#errors('duplicate_individual_id');
    this.#identities.set(identity.individualId, identity);
    return this.#reply({ status: 'mock identity data created successfully' });
  }

  #update(change: z.output<typeof Change>): PeerReply {
    const stored = this.#identities.get(change.individualId ?? '');
    if (stored === undefined) return this.#errors('invalid_individual_id');
    const given = Object.entries(change).filter(([, value]) => value !== null && value !== undefined);
    this.#identities.set(stored.individualId, { ...stored, ...Object.fromEntries(given) });
    return this.#reply({ status: 'mock Identity data updated successfully' });
  }
}
