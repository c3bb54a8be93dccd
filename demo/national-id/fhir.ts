import type { R4Patient } from '../../test/peers/fhir-r4-patient.js';
import type { ReceivedRequest } from '../../test/peers/http-peer.js';
import type { World } from '../../test/support/world.js';
import type { Happening } from '../opencrvs/part.js';
import type { Stage } from '../stage.js';
import { type Holder, holdsTitle } from './holder.js';
import type { NationalIdPart } from './part.js';
import { tellCall } from './tell-call.js';

const NAME = 'The FHIR server';
const NATIONAL_ID = 'urn:national-id';

const identifierOf = ({ identifier = [] }: R4Patient, system: string): string | undefined =>
  identifier.find((one) => one.system === system)?.value;

const versionOf = ({ meta }: R4Patient): number => Number(meta?.['versionId']);

/** What says whether the person lives, as the server holds it. */
function stateOf({ active, deceasedDateTime }: R4Patient): string {
  return deceasedDateTime === undefined ? `active ${active}` : `active ${active}, deceased ${deceasedDateTime}`;
}

/** A FHIR R4 server that gives numbers itself (reference/mosip.md 7.2). */
export function fhirPart({ fhir, fhirEnvironment }: World, holder: Holder): NationalIdPart {
  const { number, given, family, gender, birthDate } = holder;
  const holderId = fhir.add({
    active: true,
    identifier: [{ system: NATIONAL_ID, value: number }],
    name: [{ use: 'official', family, given: [...given] }],
    gender,
    birthDate,
  });

  const patientOf = (isIt: (patient: R4Patient) => boolean): R4Patient | undefined => fhir.patients.find(isIt);
  const held = (): R4Patient => {
    const patient = patientOf(({ id }) => id === holderId);
    if (patient === undefined) throw new Error('the FHIR server has lost its holder');
    return patient;
  };
  const sent = (method: string, path: string): ReceivedRequest => {
    const request = fhir.received.find((one) => one.method === method && one.path === path);
    if (request === undefined) throw new Error(`the FHIR server was not sent ${method} ${path}`);
    return request;
  };

  const issued = async (stage: Stage, { registrationNumber }: Happening): Promise<string> => {
    const patient = await stage.see(fhir, 'the FHIR server has the child', () =>
      patientOf((one) => identifierOf(one, 'urn:opencrvs:registration-number') === registrationNumber),
    );
    const request = sent('POST', '/fhir/Patient');
    tellCall(stage, `POST /fhir/Patient, If-None-Exist: ${request.headers['if-none-exist']}`, request);
    const national = identifierOf(patient, NATIONAL_ID);
    if (national === undefined) throw new Error('the FHIR server gave no number');
    stage.saw(`Answer: the Patient, with ${NATIONAL_ID}|${national} added.`);
    return national;
  };

  return {
    name: NAME,
    numberName: 'National ID',
    environment: fhirEnvironment,
    connect: (stage) => stage.step(holdsTitle(NAME, holder), async () => stage.saw(`Patient: ${stateOf(held())}.`)),
    issue: (stage, birth) => stage.step(`${NAME} gets the birth`, () => issued(stage, birth)),
    async change(stage, { kind }) {
      await stage.see(fhir, `the FHIR server has taken the ${kind}`, () => (versionOf(held()) > 1 ? true : undefined));
      const { headers } = sent('PUT', `/fhir/Patient/${holderId}`);
      stage.saw(`PUT /fhir/Patient/${holderId}, If-Match: ${headers['if-match']}.`);
      stage.saw(`Patient, version ${versionOf(held())}: ${stateOf(held())}.`);
    },
    counts: () => ({ identities: fhir.patients.length - 1, changes: versionOf(held()) - 1 }),
    async stop() {},
  };
}
