import { MediatorError } from '../errors/index.js';

export const FHIR_PREFIX = '/fhir';

/** Letters of ids, types, operations and `_search`, `_history`: none of them can end a segment or be decoded again. */
const SEGMENT = /^[A-Za-z0-9\-._$]+$/;

/**
 * The segments of a path below `/fhir`; one last slash does not count.
 *
 * @throws MediatorError `url_invalid` for anything that could leave the base path: `..`, empty segments (`//host`),
 *   backslashes, what is still percent-encoded
 */
export function fhirSegments(path: string): readonly string[] {
  const [root, prefix, ...rest] = path.split('/');
  if (root !== '' || `/${prefix}` !== FHIR_PREFIX) throw new MediatorError('url_invalid');
  const segments = rest.at(-1) === '' ? rest.slice(0, -1) : rest;
  for (const segment of segments) {
    if (!SEGMENT.test(segment) || /^\.+$/.test(segment)) throw new MediatorError('url_invalid');
  }
  return segments;
}

/** The address of a request at the FHIR server. `base` has no last slash. */
export function targetUrl(base: string, segments: readonly string[], rawQuery: string): string {
  return `${[base, ...segments].join('/')}${rawQuery === '' ? '' : `?${rawQuery}`}`;
}
