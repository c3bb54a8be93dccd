import type { z } from 'zod';
import { MediatorError, parseJson, toMediatorError } from '../../errors/index.js';
import type { InboundRequest } from '../../http/index.js';
import type { LookupKey, NationalIdSystem } from '../../national-id/index.js';
import type { Accept, VitalEvent } from '../../vital-events/index.js';
import { operationOutcome } from '../operation-outcome.js';
import type { Action, Answer, Call, Resource } from './action.js';
import { toBirth, toDeath } from './events.js';
import type { IdentifierSystems } from './identifiers.js';
import { type FhirVersion, sentVersion, wantsNothingBack } from './negotiation.js';
import type { PatientIds } from './patient-ids.js';
import type { ReadPatient } from './read-patient.js';
import { readResource, SubmissionBundle } from './resources.js';
import { keyOfSearch, type Searches } from './searches.js';

export interface SubmissionDeps {
  readonly system: Pick<NationalIdSystem, 'name' | 'capabilities'>;
  readonly ids: PatientIds;
  readonly readPatient: ReadPatient;
  readonly searches: Pick<Searches, 'tagOf'>;
  readonly accept: Accept;
}

export interface Submissions {
  /** `POST Patient`: a birth. */
  readonly create: Action;
  /** `PUT Patient/:id`: a death. */
  readonly update: Action;
  /** `PUT Patient?identifier=`: the same. */
  readonly updateWhere: Action;
  /** `POST /`: a transaction or batch of these, in which no number stands in an address. */
  readonly submitBundle: Action;
}

type Entry = z.infer<typeof SubmissionBundle>['entry'][number];

/** An entry of the answer to a Bundle; one that was taken has a location. */
interface AnsweredEntry {
  readonly response: { readonly status: string; readonly location?: string; readonly outcome: Resource };
}

const PATIENT_ADDRESS = /^Patient(?:\/([A-Za-z0-9.-]+)|\?(.+))?$/;

function taken(eventId: string): Resource {
  const coding = [{ system: 'urn:national-id-mediator:event-id', code: eventId }];
  const text = 'The event is stored and goes to the national ID system.';
  const issue = [{ severity: 'information', code: 'informational', details: { coding, text } }];
  return { resourceType: 'OperationOutcome', issue };
}

/**
 * Takes births and deaths, which the pipeline carries to the national ID system. An event is known by the number of its
 * registration: a repeat starts nothing and gets the first answer again.
 */
export function createSubmissions(deps: SubmissionDeps, systems: IdentifierSystems): Submissions {
  const { system, ids, readPatient, searches, accept } = deps;

  const assertTaken = (capability: 'issue' | 'deactivate'): void => {
    if (system.capabilities.has(capability)) return;
    throw new MediatorError('not_supported', { message: `The national ID system (${system.name}) cannot do this.` });
  };

  const birthOf = async (
    resource: unknown,
    version: FhirVersion | undefined,
    { place, condition }: { readonly place?: string; readonly condition?: string | undefined } = {},
  ): Promise<VitalEvent> => {
    assertTaken('issue');
    const event = toBirth(await readPatient(resource, version, place), systems);
    if (condition === undefined) return event;
    const key = keyOfSearch(condition.replace(/^\?/, ''), systems);
    if ('registrationNumber' in key && key.registrationNumber === event.registrationNumber) return event;
    const message = 'If-None-Exist has to name the registration number of the Patient itself.';
    throw new MediatorError('not_supported', { message });
  };

  const deathOf = async (
    resource: unknown,
    version: FhirVersion | undefined,
    { key, id, place }: { readonly key: LookupKey; readonly id?: string | undefined; readonly place?: string },
  ): Promise<VitalEvent> => {
    assertTaken('deactivate');
    const patient = await readPatient(resource, version, place);
    if (id !== undefined && patient.id !== id) {
      throw new MediatorError('request_invalid', { message: 'Patient.id has to be that of the address.' });
    }
    return toDeath(patient, key, { ids, systems });
  };

  const keyOf = (id: string): LookupKey => {
    const key = ids.keyOf(id);
    if (key === undefined) throw new MediatorError('person_unknown');
    return key;
  };

  const take = async (event: VitalEvent, transactionId: string | undefined): Promise<string> => {
    const incoming = { reading: { ok: true, event } as const, raw: JSON.stringify(event), transactionId };
    return (await accept(incoming)).id;
  };

  const takeOne = async (event: VitalEvent, request: InboundRequest, { own }: Call): Promise<Answer> => {
    const id = await take(event, request.transactionId);
    const resource = wantsNothingBack(request) ? {} : { resource: taken(id) };
    return { status: 202, headers: { location: `${own}/Task/${id}` }, outlivesAnswer: true, ...resource };
  };

  const eventOf = ({ request, resource }: Entry, version: FhirVersion | undefined, at: number): Promise<VitalEvent> => {
    const place = `Bundle.entry[${at}].resource`;
    const address = PATIENT_ADDRESS.exec(request.url);
    const [, id, query] = address ?? [];
    if (request.method === 'POST' && address?.[0] === 'Patient') {
      return birthOf(resource, version, { place, condition: request.ifNoneExist });
    }
    if (request.method === 'PUT' && id !== undefined) return deathOf(resource, version, { key: keyOf(id), id, place });
    if (request.method === 'PUT' && query !== undefined) {
      return deathOf(resource, version, { key: keyOfSearch(query, systems), place });
    }
    const message = `Bundle.entry[${at}].request: only POST and PUT of a Patient are taken.`;
    throw new MediatorError('not_supported', { message });
  };

  const takenEntry = async (
    event: VitalEvent,
    own: string,
    transactionId: string | undefined,
  ): Promise<AnsweredEntry> => {
    const id = await take(event, transactionId);
    return { response: { status: '202 Accepted', location: `${own}/Task/${id}`, outcome: taken(id) } };
  };

  return {
    async create(request, call) {
      const version = sentVersion(request);
      const condition = request.headers['if-none-exist'];
      const event = await birthOf(parseJson(request.body), version, { condition: condition?.toString() });
      return takeOne(event, request, call);
    },
    async update(request, call, id) {
      const version = sentVersion(request);
      const key = keyOf(id);
      const event = await deathOf(parseJson(request.body), version, { key, id });
      const expected = request.headers['if-match'];
      if (expected !== undefined && expected !== (await searches.tagOf(key, call.signal))) {
        throw new MediatorError('precondition_failed');
      }
      return takeOne(event, request, call);
    },
    async updateWhere(request, call) {
      const version = sentVersion(request);
      const key = keyOfSearch(request.rawQuery, systems);
      return takeOne(await deathOf(parseJson(request.body), version, { key }), request, call);
    },
    async submitBundle(request, { own }) {
      const version = sentVersion(request);
      const { type, entry } = readResource(SubmissionBundle, parseJson(request.body), 'Bundle');
      // A transaction in OpenHIM ends with one event.
      const transactionId = entry.length === 1 ? request.transactionId : undefined;
      const answered = (entries: readonly AnsweredEntry[]): Answer => ({
        status: 200,
        resource: { resourceType: 'Bundle', type: `${type}-response`, entry: entries },
        ...(transactionId !== undefined && entries[0]?.response.location !== undefined ? { outlivesAnswer: true } : {}),
      });
      if (type === 'transaction') {
        // All are read before the first is taken; one that cannot be stored fails the whole, which can be sent again.
        const events = await Promise.all(entry.map(async (one, at) => eventOf(one, version, at)));
        return answered(await Promise.all(events.map((event) => takenEntry(event, own, transactionId))));
      }
      const each = entry.map(async (one, at) => {
        try {
          return await takenEntry(await eventOf(one, version, at), own, transactionId);
        } catch (thrown) {
          const error = toMediatorError(thrown);
          const outcome = operationOutcome(error, request.correlationId);
          return { response: { status: String(error.status), outcome } };
        }
      });
      return answered(await Promise.all(each));
    },
  };
}
