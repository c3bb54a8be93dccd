import type { DocumentSettings } from '../../config/index.js';
import { admittedDocuments, type Document, type RegistrationKind } from '../../vital-events/index.js';
import { type OpenRecord, type People, sectionReferences } from './people.js';
import type { Attachment, Patient } from './resources.js';

const DATA_URI = /^data:([^;,]*)[^,]*;base64,(.*)$/s;

/** What an attachment holds: the content itself, or where it is. */
function held({ contentType, data, url }: Attachment): Document {
  const text = data ?? url ?? '';
  const [, named, inline] = DATA_URI.exec(text) ?? [];
  // A path or an address has a dot or a colon, which base64 has not.
  if (inline === undefined && /[.:]/.test(text)) return { format: contentType, reference: text };
  return {
    format: contentType ?? (named === '' ? undefined : named),
    content: (inline ?? text).replace(/[\r\n]/g, ''),
  };
}

/** With a Composition, those in its section (from 1.7 its certificates are in the record too); without, all. */
function supporting(record: OpenRecord): Document[] {
  const { bundle, composition } = record;
  const references = sectionReferences(record, 'supporting-documents');
  const found =
    composition === undefined
      ? bundle.all('DocumentReference')
      : references.flatMap((reference) => bundle.find('DocumentReference', reference) ?? []);
  return found.flatMap(({ type: kind, subject, content }) =>
    content.map(({ attachment }) => ({ kind, subject: subject?.display, ...held(attachment) })),
  );
}

const SUBJECTS: Readonly<Record<RegistrationKind, string>> = { birth: 'CHILD', death: 'DECEASED' };

/** The member `documents` of a record's event: its supporting documents, and the pictures of its people (4.3, 4.5). */
export function readDocuments(
  record: OpenRecord,
  { subject, ...others }: People & { readonly subject: Patient },
  settings: DocumentSettings,
): ReturnType<typeof admittedDocuments> {
  if (settings.pass === 'none') return {};
  const people: [string, Patient | undefined][] = [[SUBJECTS[record.kind], subject], ...Object.entries(others)];
  const pictures = people.flatMap(([role, patient]) =>
    (patient?.photo ?? []).map((photo) => ({ kind: 'PHOTO', subject: role.toUpperCase(), ...held(photo) })),
  );
  return admittedDocuments([...supporting(record), ...pictures], settings);
}
