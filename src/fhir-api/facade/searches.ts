import { MediatorError } from '../../errors/index.js';
import type { InboundRequest } from '../../http/index.js';
import type { KnownPerson, LookupKey, NationalIdSystem } from '../../national-id/index.js';
import type { Action, Call, Resource } from './action.js';
import { type IdentifierSystems, readToken } from './identifiers.js';
import type { PatientIds } from './patient-ids.js';
import { type AnsweredPatient, toPatient } from './to-patient.js';

export interface SearchDeps {
  readonly system: Pick<NationalIdSystem, 'name' | 'lookup'>;
  readonly ids: PatientIds;
}

export interface Searches {
  /** `GET Patient?identifier=` */
  readonly search: Action;
  /** `POST Patient/_search`: no number in an address. */
  readonly searchByForm: Action;
  /** `GET Patient/:id` */
  readonly read: Action;
  /** The `ETag` of a person as they are now. */
  tagOf(key: LookupKey, signal: AbortSignal): Promise<string>;
}

const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;
/** They change what an answer looks like, not whom it is about. */
const OF_THE_ANSWER: ReadonlySet<string> = new Set(['_format', '_pretty', '_count']);

/**
 * The person whom search parameters name.
 *
 * @throws MediatorError `request_invalid`, and `not_supported` for a parameter that would be left out of account
 */
export function keyOfSearch(query: string, systems: IdentifierSystems): LookupKey {
  const parameters = [...new URLSearchParams(query)].filter(([name]) => !OF_THE_ANSWER.has(name));
  if (parameters.some(([name]) => name !== 'identifier')) {
    throw new MediatorError('not_supported', { message: 'Patients are found by identifier alone.' });
  }
  const [first, second] = parameters;
  const key = first === undefined || second !== undefined ? undefined : readToken(first[1], systems);
  if (key !== undefined) return key;
  const { nationalIdSystem, registrationSystem } = systems;
  const message = `Expected one identifier=SYSTEM|VALUE, of the system ${nationalIdSystem} or ${registrationSystem}.`;
  throw new MediatorError('request_invalid', { message });
}

/** Looks persons up. An answer holds the number by which it was asked for, not another that it stands for. */
export function createSearches({ system, ids }: SearchDeps, systems: IdentifierSystems): Searches {
  const lookup = async (key: LookupKey, signal: AbortSignal): Promise<KnownPerson | undefined> => {
    const answer = await system.lookup(key, signal);
    if (answer.result === 'not-supported') {
      const message = `The national ID system (${system.name}) finds nobody by such a number, or is not set up for it.`;
      throw new MediatorError('not_supported', { message });
    }
    return answer.result === 'found' ? answer.found : undefined;
  };

  const found = async (key: LookupKey, signal: AbortSignal): Promise<AnsweredPatient | undefined> => {
    const known = await lookup(key, signal);
    if (known === undefined) return undefined;
    const nationalId = 'nationalId' in key ? key.nationalId : known.identity.nationalId;
    const id = ids.idOf(nationalId === undefined ? key : { nationalId });
    const patient = toPatient(known, { id, nationalId }, systems);
    return { ...patient, meta: { versionId: ids.tagOf(JSON.stringify(patient)) } };
  };

  const answer = async (key: LookupKey, { own, signal }: Call): ReturnType<Action> => {
    const resource = await found(key, signal);
    const entry = resource === undefined ? [] : [{ ...fullUrl(own, resource), resource, search: { mode: 'match' } }];
    // The link to this page leaves out what was asked for: a number has no place in an address of ours.
    const link = [{ relation: 'self', url: `${own}/Patient/_search` }];
    return { status: 200, resource: searchSet(entry, { link }) };
  };

  const readNow = async (key: LookupKey, signal: AbortSignal): Promise<{ resource: AnsweredPatient; etag: string }> => {
    const resource = await found(key, signal);
    if (resource === undefined) throw new MediatorError('person_unknown');
    return { resource, etag: `W/"${resource.meta?.versionId ?? ''}"` };
  };

  return {
    search: (request, call) => answer(keyOfSearch(request.rawQuery, systems), call),
    searchByForm(request, call) {
      if (!FORM.test(String(request.headers['content-type']))) throw new MediatorError('media_type_unsupported');
      return answer(keyOfSearch(formOf(request), systems), call);
    },
    async read(request, { signal }, id) {
      const key = ids.keyOf(id);
      if (key === undefined) throw new MediatorError('person_unknown');
      const { resource, etag } = await readNow(key, signal);
      const isSame = request.headers['if-none-match'] === etag;
      return isSame ? { status: 304, headers: { etag } } : { status: 200, resource, headers: { etag } };
    },
    tagOf: async (key, signal) => (await readNow(key, signal)).etag,
  };
}

/** Parameters of a search by form may stand in the address too. */
const formOf = ({ body, rawQuery }: InboundRequest): string =>
  [rawQuery, body.toString('utf8')].filter((part) => part !== '').join('&');

/** FHIR takes no empty arrays: where nobody is found there is no `entry`. */
export function searchSet(entry: readonly object[], more: Readonly<Record<string, unknown>> = {}): Resource {
  const entries = entry.length === 0 ? {} : { entry };
  return { resourceType: 'Bundle', type: 'searchset', total: entry.length, ...more, ...entries };
}

/** The address of a Patient that can be read again. */
export function fullUrl(own: string, { id }: AnsweredPatient): { readonly fullUrl?: string } {
  return id === undefined ? {} : { fullUrl: `${own}/Patient/${id}` };
}
