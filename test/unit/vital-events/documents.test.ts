import { expect, test } from '@jest/globals';
import type { DocumentSettings } from '../../../src/config/index.js';
import { admittedDocuments, eventKey, NO_DOCUMENTS, parseEvent } from '../../../src/vital-events/index.js';

const STORED = { kind: 'PASSPORT', subject: 'MOTHER', format: 'image/png', reference: '/ocrvs/1.png' };
const SCAN = { kind: 'NATIONAL_ID', format: 'image/jpeg', content: Buffer.alloc(300, 7).toString('base64') };
const passing = (maxBytes: number): DocumentSettings => ({ pass: 'passed-on', maxBytes });

test.each<{ name: string; settings: DocumentSettings; given: unknown; documents: unknown }>([
  { name: 'none, as shipped', settings: NO_DOCUMENTS, given: [STORED, SCAN], documents: undefined },
  {
    name: 'references only',
    settings: { pass: 'reference', maxBytes: 9999 },
    given: [STORED, SCAN, { ...SCAN, reference: 'https://files.example/2' }],
    documents: [STORED, { kind: 'NATIONAL_ID', format: 'image/jpeg', reference: 'https://files.example/2' }],
  },
  { name: 'contents', settings: passing(300), given: [STORED, SCAN], documents: [STORED, { ...SCAN, bytes: 300 }] },
  {
    name: 'without its content, one that is too large',
    settings: passing(299),
    given: [SCAN],
    documents: [{ kind: 'NATIONAL_ID', format: 'image/jpeg', bytes: 300 }],
  },
  {
    name: 'contents as long as they fit together',
    settings: passing(599),
    given: [SCAN, SCAN, { kind: 'NOTE', content: 'AAAA' }],
    documents: [
      { ...SCAN, bytes: 300 },
      { kind: 'NATIONAL_ID', format: 'image/jpeg', bytes: 300 },
      { kind: 'NOTE', content: 'AAAA', bytes: 3 },
    ],
  },
  {
    name: 'no more for a size that is not true',
    settings: passing(299),
    given: [{ ...SCAN, bytes: 1 }],
    documents: [{ kind: 'NATIONAL_ID', format: 'image/jpeg', bytes: 1 }],
  },
  { name: 'a single one, as a mapping may give it', settings: passing(300), given: STORED, documents: [STORED] },
  {
    name: 'nothing that is no document',
    settings: passing(300),
    given: ['text', null, { content: 'no base64!' }, { kind: 5 }, { reference: 'data:text/plain,content' }],
    documents: undefined,
  },
])('an event takes $name', ({ settings, given, documents }) => {
  expect(admittedDocuments(given, settings)).toEqual(documents === undefined ? {} : { documents });
});

const PERSON = { names: [], identifiers: [], nationalities: [], addresses: [] };

test('an event is the same event with documents and without', () => {
  const keys = [NO_DOCUMENTS, passing(300)].flatMap((settings) => {
    const about = { of: 'birth', revision: 'action-1' };
    return [{ kind: 'birth' }, { kind: 'correction', ...about }].map((kind) => {
      const members = { ...kind, registrationNumber: '2024B1', subject: PERSON, documents: [SCAN] };
      const event = parseEvent(members, settings).data;
      if (event === undefined) throw new Error('the event does not parse');
      expect(event.documents?.length).toBe(settings === NO_DOCUMENTS ? undefined : 1);
      return eventKey({ reading: { ok: true, event }, raw: JSON.stringify(event), transactionId: undefined });
    });
  });
  const each = ['birth:2024B1', 'correction:birth:2024B1:action-1'];
  expect(keys).toEqual([...each, ...each]);
});
