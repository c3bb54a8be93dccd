import { MediatorError } from '../../errors/index.js';
import type { InboundRequest } from '../../http/index.js';
import { fhirVersionOf, R4, STU3 } from '../fhir-version.js';
import { isJson } from '../media-type.js';

export type FhirVersion = typeof R4 | typeof STU3;

const isVersion = (version: string | undefined): version is FhirVersion | undefined =>
  version === undefined || version === R4 || version === STU3;

const headerOf = ({ headers }: InboundRequest, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value : (value ?? []).join(', ');
};

/**
 * The version that a body says it is in; undefined where it does not say.
 *
 * @throws MediatorError `media_type_unsupported` for what is not FHIR in JSON, 4.0 or 3.0
 */
export function sentVersion(request: InboundRequest): FhirVersion | undefined {
  const contentType = headerOf(request, 'content-type');
  const version = fhirVersionOf(contentType);
  if (isJson(contentType) && isVersion(version)) return version;
  throw new MediatorError('media_type_unsupported', {
    message: 'Expected application/fhir+json, with fhirVersion 4.0 or 3.0 where it is named.',
  });
}

/** An element of `Accept`, or the value of `_format`. */
interface Range {
  readonly version: string | undefined;
  readonly isTaken: boolean;
  readonly quality: number;
}

function readRange(text: string): Range {
  // In a query the plus of `application/fhir+json` is a space unless it was escaped.
  const type = (text.split(';')[0] ?? '').trim().replace(/ /g, '+').toLowerCase();
  return {
    version: fhirVersionOf(text),
    isTaken: isJson(type) || ['json', '*/*', 'application/*'].includes(type),
    quality: Number(/;\s*q=([\d.]+)/i.exec(text)?.[1] ?? 1),
  };
}

/**
 * The version in which the caller wants the answer: by `_format`, which wins, or `Accept`; undefined where neither says.
 *
 * @throws MediatorError `not_acceptable` where it takes no JSON, or other versions only
 */
export function wantedVersion(request: InboundRequest, format: string | undefined): FhirVersion | undefined {
  const wanted = format ?? headerOf(request, 'accept');
  if (wanted.trim() === '') return undefined;
  const [best] = wanted
    .split(',')
    .map(readRange)
    .filter(({ isTaken, quality, version }) => isTaken && quality > 0 && isVersion(version))
    .toSorted((a, b) => b.quality - a.quality);
  if (best !== undefined && isVersion(best.version)) return best.version;
  throw new MediatorError('not_acceptable', { message: 'Answers are in application/fhir+json, version 4.0 or 3.0.' });
}

/** What the caller wants to get back of a submission (`Prefer: return=…`). */
export function wantsNothingBack(request: InboundRequest): boolean {
  return /\breturn\s*=\s*minimal\b/i.test(headerOf(request, 'prefer'));
}
