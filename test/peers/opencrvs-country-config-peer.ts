import { z } from 'zod';
import { HttpPeer, type PeerReply, type ReceivedRequest } from './http-peer.js';
import type { OpenCrvsRecords, StoredPatient } from './opencrvs-records.js';
import { frameworkError, type OpenCrvsSystem } from './opencrvs-system.js';

const Body = z.object({
  BRN: z.string().min(1),
  MOSIP_PSUT_TOKEN_ID: z.string().min(1).optional(),
  MOSIP_AID: z.string().min(1).optional(),
});
export type WrittenIdentity = z.infer<typeof Body>;

/** The identifiers with this one instead of the one of its type. */
function replaced(patient: StoredPatient, type: string, value: string): StoredPatient {
  const others = (patient.identifier ?? []).filter((entry) => entry.type !== type);
  return { ...patient, identifier: [...others, { type, value }] };
}

/** The country configuration with its endpoint for MOSIP outcomes, 1.0 to 1.6 (reference/opencrvs.md 4.7). */
export class OpenCrvsCountryConfigPeer extends HttpPeer {
  readonly #system: OpenCrvsSystem;
  readonly #records: OpenCrvsRecords;
  /** Every accepted write in order, repetitions among them. */
  readonly writes: WrittenIdentity[] = [];

  constructor(system: OpenCrvsSystem, records: OpenCrvsRecords) {
    super();
    this.#system = system;
    this.#records = records;
  }

  /** The last identity received for each registration number. */
  get identities(): ReadonlyMap<string, WrittenIdentity> {
    return new Map(this.writes.map((write) => [write.BRN, write]));
  }

  protected override answer(request: ReceivedRequest): PeerReply {
    if (`${request.method} ${request.path}` !== 'POST /mosip-openhim-mediator') return frameworkError(404);
    const authentication = this.#system.authenticate(request, 'countryconfig');
    if ('refusal' in authentication) return authentication.refusal;
    // A token without the scope is a 401 too, not a 403.
    if (!authentication.claims.scope.includes('nationalId')) return { status: 401 };
    try {
      const write = Body.parse(JSON.parse(request.body.toString('utf8')));
      const [patient] = this.#records.search(write.BRN);
      if (patient === undefined) return frameworkError(500, 'An internal server error occurred');
      const token = write.MOSIP_PSUT_TOKEN_ID;
      if (token !== undefined) this.#records.put(replaced(patient, 'MOSIP_PSUT_TOKEN_ID', token));
      this.writes.push(write);
      return { status: 200 };
    } catch {
      // It validates nothing: a body that it cannot use ends in its catch-all.
      return frameworkError(500, 'An internal server error occurred');
    }
  }
}
