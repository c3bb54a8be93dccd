import { z } from 'zod';
import { FHIR_CLIENT } from '../test/support/world.js';
import type { Stage } from './stage.js';

const Coded = z.object({ coding: z.array(z.object({ code: z.string().optional() })) });
const Identifier = z.looseObject({
  system: z.string().optional(),
  /** A text up to OpenCRVS 1.2. */
  type: z.union([z.string(), Coded]).optional(),
  value: z.string().optional(),
});
const Patient = z.looseObject({
  resourceType: z.literal('Patient'),
  id: z.string().optional(),
  identifier: z.array(Identifier).optional(),
  name: z.array(z.unknown()).optional(),
});
type Patient = z.infer<typeof Patient>;
/** What tells the forms apart: whether an identifier is known by its type or its system, and how a name is written. */
function inBrief({ identifier = [], name }: Pick<Patient, 'identifier' | 'name'>): string {
  const identifiers = identifier.map(({ system, type, value }) => {
    const code = typeof type === 'string' ? type : type?.coding[0]?.code;
    return system === undefined ? `${code} ${value}` : `${system}|${value}`;
  });
  return `${identifiers.join(', ')}; ${JSON.stringify(name)}`;
}

/** A call of a FHIR client through the router of OpenHIM. */
async function call(stage: Stage, path: string, init: RequestInit, expected: number): Promise<Patient> {
  const credentials = Buffer.from(`${FHIR_CLIENT.id}:${FHIR_CLIENT.password}`).toString('base64');
  const response = await fetch(`${stage.world.router.url}${path}`, {
    ...init,
    headers: { ...init.headers, authorization: `Basic ${credentials}` },
  });
  if (response.status !== expected) throw new Error(`a FHIR client was answered with HTTP ${response.status}`);
  const transactionId = response.headers.get('x-openhim-transactionid');
  const { request, status } = await stage.transaction('OpenHIM has carried the call', ({ id }) => id === transactionId);
  const route = request.path.split('/').slice(0, 3).join('/');
  stage.saw(`${request.method} ${route}: HTTP ${expected}. In OpenHIM: transaction ${transactionId}, ${status}.`);
  return Patient.parse(await response.json());
}

/** Shows a Patient in brief, and that it is in the form wanted: this identifier must be among its own. */
function showForm({ show }: Stage, where: string, patient: unknown, identifier: string): void {
  const brief = inBrief(Patient.parse(patient));
  show(where, brief);
  if (!brief.includes(identifier)) throw new Error(`${where}: the Patient does not have the form expected`);
}

async function startAgain(stage: Stage, birthId: string): Promise<void> {
  const { world, mediator, opencrvs, environment, saw } = stage;
  await mediator.stop();
  await mediator.start({ ...environment, ...world.fhirEnvironment });
  saw('Stopped, and started on the same folder with NATIONAL_ID_SYSTEM=fhir. OpenCRVS sends the birth once more:');
  const again = await opencrvs.birth.send(stage, 1);
  if (again !== birthId) throw new Error('the restarted mediator took a known birth for a new one');
  saw('It is the event of step 4: nothing is started.');
}

async function read(stage: Stage): Promise<string> {
  const { fhir } = stage.world;
  const id = fhir.add({
    active: true,
    identifier: [{ system: 'urn:national-id', value: '7012345678' }],
    name: [{ use: 'official', family: 'Mwansa', given: ['Chanda'] }],
    gender: 'male',
    birthDate: '1990-04-17',
  });
  const stu3 = { headers: { accept: 'application/fhir+json; fhirVersion=3.0' } };
  const patient = await call(stage, `/fhir/Patient/${id}`, stu3, 200);
  const stored = fhir.patients.find((one) => one.id === id);
  showForm(stage, 'in the FHIR server', stored, 'urn:national-id|7012345678');
  showForm(stage, 'as the client gets it', patient, 'NATIONAL_ID 7012345678');
  return id;
}

async function create(stage: Stage): Promise<void> {
  const { child, birth } = stage.opencrvs;
  const { registrationNumber } = birth;
  const { id: _id, meta: _meta, ...sent } = Patient.parse(child);
  const init = { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(sent) };
  const patient = await call(stage, '/fhir/Patient', init, 201);
  const stored = stage.world.fhir.patients.find((one) => one.id === patient.id);
  showForm(stage, 'sent by the client', sent, `BIRTH_REGISTRATION_NUMBER ${registrationNumber}`);
  showForm(stage, 'in the FHIR server', stored, `urn:opencrvs:registration-number|${registrationNumber}`);
  showForm(stage, 'as the client gets it', patient, 'NATIONAL_ID ');
}

/** Act three: the FHIR interface, on a restarted mediator that knows the birth. Gives the id of a Patient to read. */
export async function fhirApi(stage: Stage, birthId: string): Promise<string> {
  await stage.step('The mediator starts again, now with a FHIR server as national ID system', () =>
    startAgain(stage, birthId),
  );
  const id = await stage.step(
    "A FHIR client reads a Patient through OpenHIM, and asks for OpenCRVS's form (STU3)",
    () => read(stage),
  );
  await stage.step("It creates one in OpenCRVS's form; the FHIR server gets R4 and gives a number", () =>
    create(stage),
  );
  return id;
}
