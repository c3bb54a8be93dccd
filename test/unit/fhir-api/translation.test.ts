import { expect, test } from '@jest/globals';
import type { PatientMapping } from '../../../src/fhir-api/patient-mapping.js';
import { outwardRequest } from '../../../src/fhir-api/translation.js';
import type { InboundRequest } from '../../../src/http/index.js';

const OLD = Buffer.from('{"old":true}');
const NEW = Buffer.from('{"new":true}');
const FHIR = 'application/fhir+json';

/** Translates `OLD`, and leaves all else. */
const patients: PatientMapping = {
  mapsRequests: true,
  mapsAnswers: true,
  toDownstream: async (body) => (body === OLD ? NEW : body),
  fromDownstream: async (body) => body,
};

function outward(
  given: Partial<InboundRequest>,
  target = 'Patient/1',
  { defaultVersion = '4.0', mapping = patients } = {},
) {
  const request = { method: 'GET', rawQuery: '', headers: {}, body: Buffer.alloc(0), ...given } as InboundRequest;
  return outwardRequest(mapping, defaultVersion, request, target.split('/'));
}

test.each([
  { name: 'asks for nothing', headers: {}, translated: false, accept: FHIR },
  {
    name: 'asks for R4',
    headers: { accept: `${FHIR}; fhirVersion=4.0` },
    translated: false,
    accept: `${FHIR}; fhirVersion=4.0`,
  },
  {
    name: 'asks for STU3',
    headers: { accept: `${FHIR};fhirVersion="3.0"` },
    translated: true,
    accept: `${FHIR}; fhirVersion=4.0`,
  },
  {
    name: 'asks for R5',
    headers: { accept: `${FHIR}; fhirVersion=5.0` },
    translated: false,
    accept: `${FHIR}; fhirVersion=5.0`,
  },
  {
    name: 'asks for STU3 in XML, which only the server could give',
    headers: { accept: 'application/fhir+xml; fhirVersion=3.0' },
    translated: false,
    accept: 'application/fhir+xml; fhirVersion=3.0',
  },
])('a caller that $name', async ({ headers, translated, accept }) => {
  const { isAnswerTranslated, headers: sent } = await outward({ headers });

  expect(isAnswerTranslated).toBe(translated);
  expect(sent).toMatchObject({ accept });
});

test('`_format` wins over Accept, and the server is asked for what it has', async () => {
  const rawQuery = '_count=1&_format=application%2Ffhir%2Bjson%3B%20fhirVersion%3D3.0';

  expect(await outward({ rawQuery, headers: { accept: `${FHIR}; fhirVersion=4.0` } })).toMatchObject({
    isAnswerTranslated: true,
    rawQuery: rawQuery.replace('3.0', '4.0'),
  });
  expect(await outward({ rawQuery: '_format=json' })).toMatchObject({
    isAnswerTranslated: false,
    rawQuery: '_format=json',
  });
});

test.each([
  { name: 'STU3 without a word', type: FHIR, body: OLD, sent: NEW, translated: true },
  { name: 'R4 without a word', type: FHIR, body: NEW, sent: NEW, translated: false },
  { name: 'STU3 that says so', type: `${FHIR}; fhirVersion=3.0`, body: OLD, sent: NEW, translated: true },
  { name: 'what says that it is R4', type: `${FHIR}; fhirVersion=4.0`, body: OLD, sent: OLD, translated: false },
  { name: 'XML', type: 'application/fhir+xml', body: OLD, sent: OLD, translated: false },
])('who sends $name', async ({ type, body, sent, translated }) => {
  const result = await outward({ method: 'PUT', headers: { 'content-type': type }, body });

  expect(result.body).toBe(sent);
  expect(result.isAnswerTranslated).toBe(translated);
  expect(result.headers['content-type']).toBe(type.replace('3.0', '4.0'));
});

test('who sends STU3 and asks for R4 gets R4', async () => {
  const headers = { 'content-type': FHIR, accept: `${FHIR}; fhirVersion=4.0` };

  expect(await outward({ method: 'PUT', headers, body: OLD })).toMatchObject({ body: NEW, isAnswerTranslated: false });
});

test('the default holds for callers that name no version', async () => {
  const stu3 = { defaultVersion: '3.0' };

  expect(await outward({}, 'Patient', stu3)).toMatchObject({ isAnswerTranslated: true });
  expect(await outward({ headers: { accept: `${FHIR}; fhirVersion=4.0` } }, 'Patient', stu3)).toMatchObject({
    isAnswerTranslated: false,
  });
});

test.each(['Practitioner/1', 'metadata', 'Patients'])('%s is between the caller and the server', async (target) => {
  const headers = { 'content-type': FHIR, accept: `${FHIR}; fhirVersion=3.0` };

  expect(await outward({ method: 'PUT', headers, body: OLD }, target)).toMatchObject({
    headers,
    body: OLD,
    isAnswerTranslated: false,
  });
});

test("without mappings the version is the server's to judge", async () => {
  const mapping = { ...patients, mapsRequests: false, mapsAnswers: false };
  const headers = { 'content-type': `${FHIR}; fhirVersion=3.0`, accept: `${FHIR}; fhirVersion=3.0` };

  expect(await outward({ method: 'PUT', headers, body: NEW }, 'Patient/1', { mapping })).toMatchObject({
    headers,
    isAnswerTranslated: false,
  });
});
