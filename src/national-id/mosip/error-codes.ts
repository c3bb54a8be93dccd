/** What an error code of MOSIP means for us. A refusal's reason is in our words: MOSIP's text may quote the data. */
export type CodeMeaning =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'already-done' | 'configuration' | 'unauthorized' | 'transient' };

const refused = (reason: string): CodeMeaning => ({ kind: 'refused', reason });
const ALREADY_DONE: CodeMeaning = { kind: 'already-done' };
const CONFIGURATION: CodeMeaning = { kind: 'configuration' };
const UNAUTHORIZED: CodeMeaning = { kind: 'unauthorized' };
const TRANSIENT: CodeMeaning = { kind: 'transient' };

/** reference/mosip.md 1.4. The codes that it lists as worth a retry need no line: every unlisted code is retried. */
const MEANINGS: Readonly<Record<string, CodeMeaning>> = {
  // The record was there before: an earlier try of ours got through.
  'RPR-WIS-001': ALREADY_DONE,
  'IDR-IDC-012': ALREADY_DONE,

  'RPR-WIN-000': refused('MOSIP misses a required value.'),
  'RPR-WIN-001': refused('MOSIP found an invalid value.'),
  'IDR-IDC-001': refused('MOSIP misses a required value in the identity.'),
  'IDR-IDC-002': refused('MOSIP found an invalid value in the identity.'),
  'IDR-IDC-003': refused('MOSIP could not process the identity.'),
  'IDR-IDC-005': refused('MOSIP could not process the identity.'),
  'IDR-IDC-007': refused('MOSIP has no record with this number.'),
  'IDR-IDC-011': refused('MOSIP could not process the identity.'),
  'IDR-IDC-014': refused('MOSIP has a person with this registration number already.'),

  'KER-PUT-006': CONFIGURATION,
  'KER-PUT-025': CONFIGURATION,

  'KER-ATH-401': UNAUTHORIZED,
  'KER-ATH-402': UNAUTHORIZED,
};

/** What a code means; of one that is not listed, that the call may be repeated. */
export function meaningOf(code: string): CodeMeaning {
  return MEANINGS[code] ?? TRANSIENT;
}

/** Codes in an answer with HTTP 200 that say "your token is invalid" and "your token has expired". */
export const TOKEN_CODES = ['KER-ATH-401', 'KER-ATH-402'] as const;
