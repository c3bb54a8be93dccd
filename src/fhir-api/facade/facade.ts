import type { FhirApiSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Handler, Reply } from '../../http/index.js';
import type { NationalIdSystem } from '../../national-id/index.js';
import type { Accept } from '../../vital-events/index.js';
import type { RestOffer } from '../capability-statement.js';
import { channelAddress } from '../channel-address.js';
import { inVersion, R4, STU3 } from '../fhir-version.js';
import { createPatientMapping } from '../patient-mapping.js';
import { fhirSegments } from '../target.js';
import { decodedFormat } from '../translation.js';
import type { Action, Answer, Resource } from './action.js';
import { createMatch } from './match.js';
import { type FhirVersion, wantedVersion } from './negotiation.js';
import { offerOf } from './offer.js';
import { createPatientIds } from './patient-ids.js';
import { createReadPatient } from './read-patient.js';
import { createSearches } from './searches.js';
import { createSubmissions } from './submissions.js';
import { createReadTask, type StandingOf } from './tasks.js';
import { withinTime } from './within-time.js';

export interface FacadeDeps {
  readonly system: NationalIdSystem;
  /** Takes what is submitted: the pipeline. */
  readonly accept: Accept;
  readonly standingOf: StandingOf;
}

export interface FacadeOptions extends FhirApiSettings {
  readonly mappingsDir: string;
  /** To the answer. */
  readonly timeoutMs: number;
  /** Whether our own listener speaks TLS. */
  readonly isTls: boolean;
  /** Seals the ids of Patients. */
  readonly indexKey: string;
}

/** FHIR over a national ID system that speaks something else. */
export interface Facade {
  readonly offer: RestOffer;
  readonly handler: Handler;
}

type Actions = Readonly<Record<string, Readonly<Partial<Record<string, Action>>>>>;

const FHIR_JSON = 'application/fhir+json';

/** The path in our table of actions, and the id in it. */
function placeOf([type = '', second, ...rest]: readonly string[]): { readonly place: string; readonly id: string } {
  if (rest.length > 0) return { place: 'none', id: '' };
  if (second === undefined) return { place: type, id: '' };
  if (/^[_$]/.test(second)) return { place: `${type}/${second}`, id: '' };
  return { place: `${type}/:id`, id: second };
}

/**
 * Answers FHIR requests through the port. The handler throws MediatorError: `not_supported` for what the system, or this
 * facade, does not do; `request_invalid`, `json_invalid`, `payload_invalid`, `media_type_unsupported`, `not_acceptable`,
 * `person_unknown`, `precondition_failed` for what is wrong with a request; those of the system, `peer_timeout` after
 * `timeoutMs`, and `store_unavailable`.
 *
 * @throws MediatorError `mapping_failed` when a mapping cannot be compiled
 */
export function createFacade({ system, accept, standingOf }: FacadeDeps, options: FacadeOptions): Facade {
  const { mappingsDir, timeoutMs, indexKey, isTls, publicUrl, defaultVersion, ...systems } = options;
  const patients = createPatientMapping(mappingsDir, systems);
  const readPatient = createReadPatient(patients);
  const ids = createPatientIds(indexKey);
  const searches = createSearches({ system, ids }, systems);
  const submissions = createSubmissions({ system, ids, readPatient, searches, accept }, systems);
  const actions: Actions = {
    '': { POST: submissions.submitBundle },
    Patient: { GET: searches.search, POST: submissions.create, PUT: submissions.updateWhere },
    'Patient/_search': { POST: searches.searchByForm },
    'Patient/$match': { POST: createMatch({ system, ids, readPatient }, systems) },
    'Patient/:id': { GET: searches.read, PUT: submissions.update },
    'Task/:id': { GET: createReadTask(standingOf) },
  };

  const actionFor = (method: string, place: string): Action => {
    const methods = Object.hasOwn(actions, place) ? actions[place] : undefined;
    if (methods === undefined) throw new MediatorError('not_supported');
    const action = methods[method === 'HEAD' ? 'GET' : method];
    if (action === undefined) throw new MediatorError('method_not_allowed');
    return action;
  };

  const render = async (
    { status, resource, headers, outlivesAnswer }: Answer,
    version: FhirVersion,
  ): Promise<Reply> => {
    const pending = outlivesAnswer === undefined ? {} : { outlivesAnswer };
    if (resource === undefined) return { status, headers: headers ?? {}, body: '', ...pending };
    const isTranslated = version === STU3 && isOfPatients(resource);
    const text = JSON.stringify(resource);
    const body = isTranslated ? await patients.fromDownstream(Buffer.from(text)) : text;
    const contentType = isTranslated ? inVersion(FHIR_JSON, STU3, { add: true }) : FHIR_JSON;
    return { status, headers: { 'content-type': contentType, ...headers }, body, ...pending };
  };

  const handler: Handler = async (request) => {
    const { place, id } = placeOf(fhirSegments(request.path));
    const action = actionFor(request.method, place);
    const version = wantedVersion(request, decodedFormat(request.rawQuery)) ?? defaultVersion ?? R4;
    if (version === STU3 && !patients.mapsAnswers) throw new MediatorError('not_acceptable');
    const own = channelAddress(request, { publicUrl, isTls });
    const given = { signal: request.signal, timeoutMs };
    return render(await withinTime(given, (signal) => action(request, { own, signal }, id)), version);
  };
  return { offer: offerOf(system.capabilities), handler };
}

/** The only resources whose form differs between the versions that are spoken here. */
const isOfPatients = ({ resourceType, type }: Resource): boolean =>
  resourceType === 'Patient' || (resourceType === 'Bundle' && type === 'searchset');
