import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { type OpenCrvsRecords, StoredPatient } from './opencrvs-records.js';
import { frameworkError, type OpenCrvsSystem } from './opencrvs-system.js';

const outcome = (status: number, code: string): PeerReply =>
  json({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] }, status);

/** The FHIR store as OpenHIM offers it, 1.0 to 1.4: any resource can be read, Patients written; no locking (reference/opencrvs.md 4.6, 4.7). */
export class OpenCrvsFhirPeer extends HttpPeer {
  readonly #system: OpenCrvsSystem;
  readonly #records: OpenCrvsRecords;

  constructor(system: OpenCrvsSystem, records: OpenCrvsRecords) {
    super();
    this.#system = system;
    this.#records = records;
  }

  /** Base address, as `OPENCRVS_FHIR_URL` wants it. */
  get baseUrl(): string {
    return `${this.url}/fhir`;
  }

  protected override answer(request: ReceivedRequest): PeerReply {
    const [, id] = /^\/fhir\/Patient(?:\/([^/]+))?$/.exec(request.path) ?? [];
    const isSearch = request.method === 'GET' && request.path === '/fhir/Patient';
    const [, otherType, otherId] = /^\/fhir\/(?!Patient\b)([A-Z][A-Za-z]+)\/([^/]+)$/.exec(request.path) ?? [];
    const isOther = request.method === 'GET' && otherId !== undefined;
    if (id === undefined && !isSearch && !isOther) return frameworkError(404);
    // The workflow service stands before the store and looks at the audience only.
    const authentication = this.#system.authenticate(request, 'workflow');
    if ('refusal' in authentication) return authentication.refusal;
    if (otherType !== undefined && otherId !== undefined) {
      const resource = this.#records.read(otherType, otherId);
      return resource === undefined ? outcome(404, 'not-found') : json(resource);
    }
    if (id === undefined) return this.#search(request.query.get('identifier'));
    if (request.method === 'GET') return this.#read(id);
    return request.method === 'PUT' ? this.#update(id, request) : frameworkError(404);
  }

  #read(id: string): PeerReply {
    const patient = this.#records.get(id);
    return patient === undefined ? outcome(404, 'not-found') : json(patient);
  }

  #search(identifier: string | null): PeerReply {
    if (identifier === null) return outcome(400, 'invalid');
    const found = this.#records.search(identifier);
    const entry = found.map((resource) => ({ fullUrl: `${this.baseUrl}/Patient/${resource.id}`, resource }));
    return json({ resourceType: 'Bundle', type: 'searchset', total: found.length, entry });
  }

  #update(id: string, request: ReceivedRequest): PeerReply {
    if (!/^application\/(fhir\+)?json\b/.test(String(request.headers['content-type'] ?? ''))) {
      return frameworkError(415, 'Unsupported Media Type');
    }
    let body: unknown;
    try {
      body = JSON.parse(request.body.toString('utf8'));
    } catch {
      return outcome(400, 'structure');
    }
    const patient = StoredPatient.safeParse(body);
    if (!patient.success || patient.data.id !== id) return outcome(400, 'invalid');
    const isNew = this.#records.get(id) === undefined;
    this.#records.put(patient.data);
    return { status: isNew ? 201 : 200, headers: { location: `/fhir/Patient/${id}` } };
  }
}
