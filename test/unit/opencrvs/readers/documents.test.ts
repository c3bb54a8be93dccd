import { expect, test } from '@jest/globals';
import type { DocumentSettings } from '../../../../src/config/index.js';
import { readRecord } from '../../../../src/opencrvs/readers/index.js';
import {
  adding,
  type FhirBundle,
  fullBundle,
  ID,
  keeping,
  patched,
  webhookBundle,
} from '../../../support/opencrvs-shapes.js';

const ALL: DocumentSettings = { pass: 'passed-on', maxBytes: 1_000_000 };
const PICTURE = Buffer.from('a picture of somebody').toString('base64');
const BYTES = 'a picture of somebody'.length;

function documentsOf(bundle: FhirBundle, documents?: DocumentSettings) {
  const reading = readRecord(bundle, undefined, documents === undefined ? {} : { documents });
  if (!reading.ok) throw new Error(reading.reason);
  return reading.event.documents;
}

const stored = (kind: string, subject: string, file: string) => ({
  kind,
  subject,
  format: 'image/png',
  reference: `/ocrvs/${file}.png`,
});

/** A webhook of old, whose one document is this attachment. */
function sentWith(attachment: object): FhirBundle {
  const [document] = webhookBundle('birth').entry.filter(
    ({ resource }) => resource.resourceType === 'DocumentReference',
  );
  return patched(webhookBundle('birth'), document?.resource.id ?? '', { content: [{ attachment }] });
}

test('as shipped a record has none', () => {
  expect(documentsOf(fullBundle('birth'))).toBeUndefined();
  expect(documentsOf(sentWith({ data: `data:image/png;base64,${PICTURE}` }))).toBeUndefined();
});

test('a whole record: its supporting documents in their order, and no certificate', () => {
  const certificate = {
    resourceType: 'DocumentReference',
    id: 'certificate',
    content: [{ attachment: { data: '/a.pdf' } }],
  };
  expect(documentsOf(adding(fullBundle('birth'), certificate), ALL)).toEqual([
    stored('NATIONAL_ID', 'MOTHER', '504cab6d-1e53-4ac8-90e7-04774b018365'),
    stored('NOTIFICATION_OF_BIRTH', 'CHILD', '7e2932c0-8a2f-4b12-bc68-a2383bf588fa'),
  ]);
});

test.each([
  { kind: 'birth', document: stored('NATIONAL_ID', 'MOTHER', '504cab6d-1e53-4ac8-90e7-04774b018365') },
  { kind: 'death', document: stored('NATIONAL_ID', 'DECEASED_ID_PROOF', '2edd55fb-5408-4427-b98d-efe9347c0018') },
] as const)('a webhook without a Composition: the document that it brings ($kind)', ({ kind, document }) => {
  expect(documentsOf(webhookBundle(kind), { ...ALL, pass: 'reference' })).toEqual([document]);
});

const CONTENT = { kind: 'NATIONAL_ID', subject: 'MOTHER', content: PICTURE, bytes: BYTES };
test.each<{ name: string; attachment: object; document: object | undefined }>([
  {
    name: 'a data URI',
    attachment: { data: `data:image/jpeg;base64,${PICTURE}` },
    document: { ...CONTENT, format: 'image/jpeg' },
  },
  {
    name: 'a data URI with parameters beside a type of its own',
    attachment: { contentType: 'image/png', data: `data:image/x;charset=utf-8;base64,${PICTURE}` },
    document: { ...CONTENT, format: 'image/png' },
  },
  {
    name: 'a data URI without a type',
    attachment: { data: `data:;base64,${PICTURE}` },
    document: CONTENT,
  },
  {
    name: 'base64 in lines',
    attachment: { contentType: 'image/png', data: `${PICTURE.slice(0, 8)}\r\n${PICTURE.slice(8)}` },
    document: { ...CONTENT, format: 'image/png' },
  },
  {
    name: 'an address',
    attachment: { url: 'https://files.example/1' },
    document: { kind: 'NATIONAL_ID', subject: 'MOTHER', reference: 'https://files.example/1' },
  },
  { name: 'an empty attachment', attachment: {}, document: undefined },
  { name: 'data that is neither', attachment: { data: 'not base64' }, document: undefined },
  { name: 'a data URI that is not in base64', attachment: { data: 'data:text/plain,hello' }, document: undefined },
])('an attachment with $name', ({ attachment, document }) => {
  expect(documentsOf(sentWith(attachment), ALL)).toEqual(document === undefined ? undefined : [document]);
});

test('pictures of the child and of its parents', () => {
  const photo = [{ contentType: 'image/png', data: `data:image/png;base64,${PICTURE}` }];
  const people = patched(patched(fullBundle('birth'), ID.child, { photo }), ID.father, { photo });
  const documents = documentsOf(
    keeping(people, ({ resourceType }) => resourceType !== 'DocumentReference'),
    ALL,
  );
  const picture = { kind: 'PHOTO', format: 'image/png', content: PICTURE, bytes: BYTES };
  expect(documents).toEqual([
    { ...picture, subject: 'CHILD' },
    { ...picture, subject: 'FATHER' },
  ]);
});
