import { randomUUID } from 'node:crypto';
import type { FhirAuth } from '../../src/config/index.js';
import { answerMatch } from './fhir-match.js';
import { R4Patient } from './fhir-r4-patient.js';
import { HttpPeer, type PeerReply, type PeerTls, type ReceivedRequest } from './http-peer.js';
import { type TokenClient, TokenEndpoint } from './token-endpoint.js';

interface StoredPatient {
  readonly id: string;
  /** Every version in order; the last is the current one. */
  readonly versions: R4Patient[];
  deleted: boolean;
}

/** The credentials that callers present; with client credentials the peer gives out the tokens itself. */
export type FhirPeerAuth =
  | Exclude<FhirAuth, { kind: 'client-credentials' }>
  | ({ readonly kind: 'client-credentials' } & TokenClient);

export interface FhirPeerOptions {
  /** Default none. */
  readonly auth?: FhirPeerAuth;
  /** Where the national ID is put. Default `urn:national-id`. */
  readonly nationalIdSystem?: string;
  /** Whether a created person gets a national ID at once. Default true. */
  readonly assignIds?: boolean;
  /** Whether it has the operation `Patient/$match`. Default false: many servers have not. */
  readonly hasMatch?: boolean;
  readonly tls?: PeerTls;
}

const FHIR_JSON = 'application/fhir+json; charset=utf-8';
const BASE_PATH = '/fhir';
const TOKEN_PATH = '/oauth/token';
/** Like no rounded figure: tests search texts full of figures for the numbers that were issued. */
const FIRST_NUMBER = 4_271_936_580;

function outcome(status: number, code: string, diagnostics: string, headers: Record<string, string> = {}): PeerReply {
  return {
    status,
    headers: { 'content-type': FHIR_JSON, ...headers },
    body: JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] }),
  };
}

const header = (request: ReceivedRequest, name: string): string => String(request.headers[name] ?? '');

/** A text of a search begins a name, whatever its case; separators are escaped (R4 search 3.1.1.4.8). */
function begins(name: string, text: string): boolean {
  return name.toLowerCase().startsWith(text.replace(/\\([\\,$|])/g, '$1').toLowerCase());
}

/** Splits a token parameter at its first bar that is not escaped, and takes the escapes off (R4 search 3.1.1.5). */
function readToken(token: string): { system: string | undefined; value: string } {
  const parts = token.split(/(?<!\\)\|/).map((part) => part.replace(/\\([\\,$|])/g, '$1'));
  return parts.length === 1
    ? { system: undefined, value: parts[0] ?? '' }
    : { system: parts[0], value: parts[1] ?? '' };
}

/**
 * A small FHIR R4 server of persons, in memory, below `<url>/fhir`: conditional create, read, versioned update, delete,
 * search by identifier, family name and date of birth, and `$match` where it is told so. Refuses what is not R4, such as Patients in OpenCRVS's STU3 form.
 */
export class FhirPeer extends HttpPeer {
  readonly #patients = new Map<string, StoredPatient>();
  readonly #auth: FhirPeerAuth;
  readonly #tokens: TokenEndpoint | undefined;
  readonly #nationalIdSystem: string;
  readonly #hasMatch: boolean;
  #assignIds: boolean;
  #issued = 0;

  constructor({
    auth = { kind: 'none' },
    nationalIdSystem = 'urn:national-id',
    assignIds = true,
    hasMatch = false,
    tls,
  }: FhirPeerOptions = {}) {
    super(tls);
    this.#auth = auth;
    this.#tokens = auth.kind === 'client-credentials' ? new TokenEndpoint(auth) : undefined;
    this.#nationalIdSystem = nationalIdSystem;
    this.#assignIds = assignIds;
    this.#hasMatch = hasMatch;
  }

  /** Address of the FHIR base. */
  get baseUrl(): string {
    return `${this.url}${BASE_PATH}`;
  }

  get tokenUrl(): string {
    return `${this.url}${TOKEN_PATH}`;
  }

  /** From now on every token given so far is refused. */
  revokeTokens(): void {
    this.#tokens?.revoke();
  }

  /** The current version of every person that is not deleted, in order of creation. */
  get patients(): readonly R4Patient[] {
    return [...this.#patients.values()]
      .filter(({ deleted }) => !deleted)
      .flatMap(({ versions }) => versions.at(-1) ?? []);
  }

  /** Puts a person there as if it had always been; returns the id. Nothing is checked and no national ID assigned. */
  add(patient: Omit<R4Patient, 'resourceType'>): string {
    const id = randomUUID();
    this.#store(id, { resourceType: 'Patient', ...patient });
    return id;
  }

  /** Gives a national ID to everyone who has none, and to those who come. */
  assignNationalIds(): void {
    this.#assignIds = true;
    for (const { id, versions } of this.#patients.values()) {
      const current = versions.at(-1);
      if (current !== undefined && !this.#hasNationalId(current)) this.#store(id, this.#withNationalId(current));
    }
  }

  /** Another client's change: a new version with these elements, or with the same content. */
  change(id: string, elements: Partial<R4Patient> = {}): void {
    const current = this.#patients.get(id)?.versions.at(-1);
    if (current !== undefined) this.#store(id, { ...current, ...elements });
  }

  protected answer(request: ReceivedRequest): PeerReply {
    if (request.path === TOKEN_PATH && this.#tokens !== undefined) return this.#tokens.answer(request);
    const segments = request.path.split('/').slice(1);
    if (`/${segments[0]}` !== BASE_PATH)
      return { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>404</h1>' };
    const route = segments.slice(1).join('/');
    if (route === 'metadata' && request.method === 'GET') return this.#metadata();
    if (!this.#isAuthenticated(request)) {
      return outcome(401, 'login', 'credentials required', { 'www-authenticate': 'Basic realm="fhir"' });
    }
    if (!/json|\*\/\*/.test(header(request, 'accept'))) return outcome(406, 'not-supported', 'only JSON is served');
    if (route === 'Patient') return this.#onType(request);
    if (route === 'Patient/_search' && request.method === 'POST') return this.#searchByForm(request);
    if (route === 'Patient/$match' && this.#hasMatch) return this.#matchOperation(request);
    const [type, id, history, version, ...rest] = segments.slice(1);
    if (type !== 'Patient' || id === undefined || rest.length > 0)
      return outcome(404, 'not-supported', 'unknown route');
    if (history === undefined) return this.#onInstance(request, id);
    if (history === '_history' && version !== undefined && request.method === 'GET') {
      const stored = this.#patients.get(id);
      const found = stored?.versions[Number(version) - 1];
      return found === undefined ? outcome(404, 'not-found', 'unknown version') : this.#resource(200, found);
    }
    return outcome(404, 'not-supported', 'unknown route');
  }

  #isAuthenticated(request: ReceivedRequest): boolean {
    const given = request.headers['authorization'];
    switch (this.#auth.kind) {
      case 'none':
        return given === undefined;
      case 'basic':
        return given === `Basic ${btoa(`${this.#auth.username}:${this.#auth.password}`)}`;
      case 'bearer':
        return given === `Bearer ${this.#auth.token}`;
      case 'client-credentials':
        return this.#tokens?.isValid(request) === true;
    }
  }

  #onType(request: ReceivedRequest): PeerReply {
    if (request.method === 'GET') return this.#search(request.query);
    if (request.method === 'POST') return this.#create(request);
    return outcome(405, 'not-supported', 'method not allowed', { allow: 'GET, POST' });
  }

  #onInstance(request: ReceivedRequest, id: string): PeerReply {
    const stored = this.#patients.get(id);
    if (request.method === 'PUT') return this.#update(request, stored, id);
    if (stored === undefined) return outcome(404, 'not-found', 'no such Patient');
    if (request.method === 'DELETE') {
      stored.deleted = true;
      return { status: 204 };
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return outcome(405, 'not-supported', 'method not allowed');
    if (stored.deleted) return outcome(410, 'deleted', 'the Patient was deleted');
    const etag = `W/"${stored.versions.length}"`;
    if (header(request, 'if-none-match') === etag) return { status: 304, headers: { etag } };
    return this.#resource(200, this.#current(stored));
  }

  #create(request: ReceivedRequest): PeerReply {
    const patient = this.#readPatient(request);
    if ('status' in patient) return patient;
    const condition = request.headers['if-none-exist'];
    if (condition !== undefined) {
      const query = new URLSearchParams(String(condition));
      const matches = this.#match(query);
      if (!Array.isArray(matches)) return matches;
      if (matches.length > 1) return outcome(412, 'multiple-matches', 'several Patients match the condition');
      if (matches[0] !== undefined) return this.#written(request, 200, matches[0]);
    }
    const id = randomUUID();
    return this.#written(request, 201, this.#store(id, this.#assignIds ? this.#withNationalId(patient) : patient));
  }

  #update(request: ReceivedRequest, stored: StoredPatient | undefined, id: string): PeerReply {
    const patient = this.#readPatient(request);
    if ('status' in patient) return patient;
    if (patient.id !== id) return outcome(400, 'invalid', 'the id in the body differs from that in the address');
    if (stored === undefined) return outcome(404, 'not-found', 'no such Patient');
    const expected = request.headers['if-match'];
    if (expected !== undefined && expected !== `W/"${stored.versions.length}"`) {
      return outcome(412, 'conflict', 'the version has changed');
    }
    return this.#written(request, 200, this.#store(id, patient));
  }

  /** A Patient that is valid R4, or the error. */
  #readPatient(request: ReceivedRequest): R4Patient | PeerReply {
    if (!/^application\/(fhir\+)?json\b/.test(header(request, 'content-type'))) {
      return outcome(415, 'not-supported', 'send application/fhir+json');
    }
    let body: unknown;
    try {
      body = JSON.parse(request.body.toString('utf8'));
    } catch {
      return outcome(400, 'structure', 'not JSON');
    }
    const parsed = R4Patient.safeParse(body);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return outcome(422, 'structure', problems.join('; '));
  }

  #searchByForm(request: ReceivedRequest): PeerReply {
    if (!header(request, 'content-type').startsWith('application/x-www-form-urlencoded')) {
      return outcome(415, 'not-supported', 'send a form');
    }
    return this.#search(new URLSearchParams([...request.query, ...new URLSearchParams(request.body.toString('utf8'))]));
  }

  #matchOperation(request: ReceivedRequest): PeerReply {
    if (request.method !== 'POST') return outcome(405, 'not-supported', 'method not allowed', { allow: 'POST' });
    const bundle = answerMatch(request.body, this.patients);
    if (bundle === undefined) return outcome(400, 'invalid', 'not the parameters of a match');
    return { status: 200, headers: { 'content-type': FHIR_JSON }, body: JSON.stringify(bundle) };
  }

  #search(query: URLSearchParams): PeerReply {
    const matches = this.#match(query);
    if (!Array.isArray(matches)) return matches;
    const bundle = {
      resourceType: 'Bundle',
      type: 'searchset',
      total: matches.length,
      link: [{ relation: 'self', url: `${this.baseUrl}/Patient?${query}` }],
      entry: matches.map((patient) => ({
        fullUrl: `${this.baseUrl}/Patient/${patient.id}`,
        resource: patient,
        search: { mode: 'match' },
      })),
    };
    return { status: 200, headers: { 'content-type': FHIR_JSON }, body: JSON.stringify(bundle) };
  }

  /** The current Patients to which every parameter applies; an unknown one is refused, as by a strict server. */
  #match(query: URLSearchParams): R4Patient[] | PeerReply {
    const known = ['identifier', 'family', 'birthdate', '_count'];
    const unknown = [...query.keys()].find((name) => !known.includes(name));
    if (unknown !== undefined) return outcome(400, 'not-supported', 'unknown search parameter');
    const tokens = query.getAll('identifier').map(readToken);
    if (tokens.some(({ value }) => value === '')) return outcome(400, 'invalid', 'an identifier needs a value');
    const has = (patient: R4Patient, { system, value }: ReturnType<typeof readToken>): boolean =>
      patient.identifier?.some((entry) => entry.value === value && (system === undefined || entry.system === system)) ??
      false;
    return this.patients.filter(
      (patient) =>
        tokens.every((token) => has(patient, token)) &&
        query.getAll('family').every((text) => patient.name?.some(({ family }) => begins(family ?? '', text))) &&
        query.getAll('birthdate').every((date) => patient.birthDate?.startsWith(date)),
    );
  }

  #hasNationalId(patient: R4Patient): boolean {
    return patient.identifier?.some(({ system }) => system === this.#nationalIdSystem) ?? false;
  }

  #withNationalId(patient: R4Patient): R4Patient {
    if (this.#hasNationalId(patient)) return patient;
    this.#issued += 1;
    const type = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'NI' }] };
    const value = String(FIRST_NUMBER + this.#issued);
    return { ...patient, identifier: [...(patient.identifier ?? []), { system: this.#nationalIdSystem, type, value }] };
  }

  #store(id: string, patient: R4Patient): R4Patient {
    const stored = this.#patients.get(id) ?? { id, versions: [], deleted: false };
    const meta = { versionId: String(stored.versions.length + 1), lastUpdated: new Date().toISOString() };
    const version = { ...patient, id, meta };
    stored.versions.push(version);
    stored.deleted = false;
    this.#patients.set(id, stored);
    return version;
  }

  #current(stored: StoredPatient): R4Patient {
    const current = stored.versions.at(-1);
    if (current === undefined) throw new Error('a stored Patient has at least one version');
    return current;
  }

  #resource(status: number, patient: R4Patient, headers: Record<string, string> = {}): PeerReply {
    const { versionId, lastUpdated } = patient.meta ?? {};
    return {
      status,
      headers: {
        'content-type': FHIR_JSON,
        etag: `W/"${versionId}"`,
        'last-modified': new Date(String(lastUpdated)).toUTCString(),
        ...headers,
      },
      body: JSON.stringify(patient),
    };
  }

  #written(request: ReceivedRequest, status: number, patient: R4Patient): PeerReply {
    const location = `${this.baseUrl}/Patient/${patient.id}/_history/${patient.meta?.['versionId']}`;
    const reply = this.#resource(status, patient, { location });
    return header(request, 'prefer').includes('return=minimal') ? { ...reply, body: '' } : reply;
  }

  #metadata(): PeerReply {
    const interaction = ['read', 'vread', 'update', 'delete', 'create', 'search-type'].map((code) => ({ code }));
    const statement = {
      resourceType: 'CapabilityStatement',
      status: 'active',
      date: '2024-01-01',
      kind: 'instance',
      implementation: { description: 'FHIR test peer', url: this.baseUrl },
      fhirVersion: '4.0.1',
      format: ['application/fhir+json'],
      rest: [{ mode: 'server', resource: [{ type: 'Patient', interaction, conditionalCreate: true }] }],
    };
    return { status: 200, headers: { 'content-type': FHIR_JSON }, body: JSON.stringify(statement) };
  }
}
