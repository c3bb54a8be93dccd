import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { readJson, serviceUrl } from '../../outbound/index.js';
import type { VitalEvent } from '../../vital-events/index.js';
import { ResourceId } from '../resource-id.js';
import type { Caller } from './caller.js';
import { Patient } from './patient.js';

/** The Patients of the OpenCRVS FHIR store behind OpenHIM (reference/opencrvs.md 4.6, 4.7). */
export interface PatientStore {
  /**
   * The child's or the deceased's Patient.
   *
   * @throws MediatorError `write_back_refused` when there is none or it is not the only one, `peer_…` codes
   */
  readSubject(event: VitalEvent, signal: AbortSignal): Promise<Patient>;
  /** Writes the whole Patient. The store locks nothing: what another wrote meanwhile is replaced. */
  update(patient: Patient, signal: AbortSignal): Promise<void>;
}

const SearchResult = z.object({
  resourceType: z.literal('Bundle'),
  entry: z.array(z.object({ resource: Patient })).default([]),
});

const unreadable = (): MediatorError =>
  new MediatorError('peer_response_invalid', { message: 'The FHIR store did not answer with the Patient asked for.' });

export function createPatientStore(call: Caller, baseUrl: string): PatientStore {
  const headers = { accept: 'application/fhir+json, application/json' };
  const urlOf = (id: string): string => serviceUrl(baseUrl, `/Patient/${id}`);

  const read = async (id: string, signal: AbortSignal): Promise<Patient> => {
    const response = await call({ operation: 'read-patient', method: 'GET', url: urlOf(id), headers, signal });
    const patient = Patient.safeParse(readJson(response));
    if (!patient.success || patient.data.id !== id) throw unreadable();
    return patient.data;
  };

  const find = async (registrationNumber: string, signal: AbortSignal): Promise<Patient> => {
    // The one search we make by address: a registration number is no personal identifier (architecture section 10).
    const url = new URL(serviceUrl(baseUrl, '/Patient'));
    url.search = new URLSearchParams({ identifier: registrationNumber }).toString();
    const response = await call({ operation: 'find-patient', method: 'GET', url: url.toString(), headers, signal });
    const found = SearchResult.safeParse(readJson(response));
    if (!found.success) throw unreadable();
    const [first, ...others] = found.data.entry;
    if (first === undefined || others.length > 0) {
      throw new MediatorError('write_back_refused', {
        message: `The FHIR store has ${found.data.entry.length} records with this registration number, not one.`,
      });
    }
    return first.resource;
  };

  return {
    readSubject({ subject, registrationNumber }, signal) {
      const id = ResourceId.safeParse(subject.sourceId);
      return id.success ? read(id.data, signal) : find(registrationNumber, signal);
    },
    async update(patient, signal) {
      await call({
        operation: 'update-patient',
        method: 'PUT',
        url: urlOf(patient.id),
        headers: { ...headers, 'content-type': 'application/fhir+json' },
        body: JSON.stringify(patient),
        signal,
      });
    },
  };
}
