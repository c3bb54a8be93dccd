import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type FhirSettings, loadMapping, type Mapping } from '../config/index.js';
import { MediatorError, parseJson } from '../errors/index.js';

const TO_DOWNSTREAM = 'fhir/patient-to-downstream.jsonata';
const FROM_DOWNSTREAM = 'fhir/patient-from-downstream.jsonata';

const Patient = z.looseObject({ resourceType: z.literal('Patient') });
const Bundle = z.looseObject({
  resourceType: z.literal('Bundle'),
  type: z.enum(['searchset', 'history']),
  entry: z.array(z.looseObject({ resource: z.unknown().optional() })),
});

/** Translates Patients between what OpenCRVS writes and what the FHIR server takes. */
export interface PatientMapping {
  /** Whether a mapping is installed for bodies of requests, and for answers. */
  readonly mapsRequests: boolean;
  readonly mapsAnswers: boolean;
  /**
   * The body of a create or update of a Patient. The same buffer where it holds no Patient, or one that the mapping leaves
   * as it is.
   *
   * @throws MediatorError `json_invalid`, and those of a mapping
   */
  toDownstream(body: Buffer): Promise<Buffer>;
  /**
   * The body of an answer: a Patient, or the Patients of a searchset or history. Bytes without any come back as they are.
   *
   * @throws MediatorError `peer_response_invalid`, and those of a mapping
   */
  fromDownstream(body: Buffer): Promise<Buffer>;
}

function optionalMapping(dir: string, file: string): Mapping | undefined {
  return existsSync(join(dir, file)) ? loadMapping(dir, file) : undefined;
}

const toBytes = (resource: unknown): Buffer => Buffer.from(JSON.stringify(resource));

/**
 * Loads the two mappings below `dir`; a direction whose file is missing leaves its bodies unparsed and untouched.
 *
 * @throws MediatorError `mapping_failed` when a file cannot be compiled
 */
export function createPatientMapping(
  dir: string,
  settings: Pick<FhirSettings, 'nationalIdSystem' | 'registrationSystem'>,
): PatientMapping {
  const outward = optionalMapping(dir, TO_DOWNSTREAM);
  const inward = optionalMapping(dir, FROM_DOWNSTREAM);

  const apply = async (mapping: Mapping, file: string, patient: unknown): Promise<unknown> => {
    const { nationalIdSystem, registrationSystem } = settings;
    const mapped = await mapping.apply({ patient, nationalIdSystem, registrationSystem });
    if (Patient.safeParse(mapped).success) return mapped;
    throw new MediatorError('mapping_failed', { message: `The mapping ${file} made no Patient.` });
  };

  return {
    mapsRequests: outward !== undefined,
    mapsAnswers: inward !== undefined,
    async toDownstream(body) {
      if (outward === undefined) return body;
      const resource = parseJson(body);
      if (!Patient.safeParse(resource).success) return body;
      const mapped = await apply(outward, TO_DOWNSTREAM, resource);
      // Its own bytes: printed again, a decimal such as 1.10 would lose its precision.
      return isDeepStrictEqual(mapped, resource) ? body : toBytes(mapped);
    },
    async fromDownstream(body) {
      if (inward === undefined || !body.includes('"Patient"')) return body;
      const resource = parseJson(body, 'peer_response_invalid');
      if (Patient.safeParse(resource).success) return toBytes(await apply(inward, FROM_DOWNSTREAM, resource));
      const bundle = Bundle.safeParse(resource);
      if (!bundle.success) return body;
      const entry = await Promise.all(
        bundle.data.entry.map(async (one) =>
          Patient.safeParse(one.resource).success
            ? { ...one, resource: await apply(inward, FROM_DOWNSTREAM, one.resource) }
            : one,
        ),
      );
      return toBytes({ ...bundle.data, entry });
    },
  };
}
