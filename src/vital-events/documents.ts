import { z } from 'zod';
import type { DocumentSettings } from '../config/index.js';

const Text = z.string().min(1);

/** A supporting document of a record, or a picture of a person in it. */
export const Document = z.object({
  /** What it is, in OpenCRVS's word: NATIONAL_ID, PASSPORT, NOTIFICATION_OF_BIRTH, ...; `PHOTO` for a picture of a person. */
  kind: Text.optional(),
  /** Whom it is about, in OpenCRVS's word: CHILD, MOTHER, DECEASED_ID_PROOF, ... */
  subject: Text.optional(),
  /** Media type. */
  format: Text.optional(),
  /** Where the source keeps it; never the content itself. */
  reference: z
    .string()
    .min(1)
    .max(2_048)
    .regex(/^(?!data:)/i)
    .optional(),
  /** In base64. */
  content: z
    .string()
    .regex(/^[A-Za-z0-9+/]+={0,2}$/)
    .optional(),
  /** Size of the content, also where that was left out. */
  bytes: z.int().nonnegative().optional(),
});

export type Document = z.infer<typeof Document>;

/** As shipped. */
export const NO_DOCUMENTS: DocumentSettings = { pass: 'none', maxBytes: 0 };

/**
 * The member `documents` of an event, as far as the settings let documents in; none at all where they let none in. The
 * contents of one record may have `maxBytes` together, in their order: a document that goes beyond stays without its
 * content, so that no registration is lost for the size of a scan. What is no document is dropped.
 */
export function admittedDocuments(
  given: unknown,
  { pass, maxBytes }: DocumentSettings,
): { readonly documents?: Document[] } {
  if (pass === 'none') return {};
  let left = maxBytes;
  const documents = [given].flat().flatMap((one): Document[] => {
    const parsed = Document.safeParse(one);
    if (!parsed.success) return [];
    const { content, bytes: told, ...facts } = parsed.data;
    if (pass === 'reference') return facts.reference === undefined ? [] : [facts];
    if (content === undefined) return [parsed.data];
    const size = Buffer.byteLength(content, 'base64');
    const bytes = told ?? size;
    if (size > left) return [{ ...facts, bytes }];
    left -= size;
    return [{ ...facts, content, bytes }];
  });
  return documents.length === 0 ? {} : { documents };
}
