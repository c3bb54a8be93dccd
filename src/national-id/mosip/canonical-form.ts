import type { Options } from 'jsonld';
import type { RemoteDocument } from 'jsonld/jsonld-spec.js';
import { CREDENTIALS_CONTEXT } from './bundled-contexts.js';

/** Contexts by their address: nothing is ever fetched. */
export type Contexts = Readonly<Record<string, unknown>>;

const BUNDLED: Contexts = { 'https://www.w3.org/2018/credentials/v1': { '@context': CREDENTIALS_CONTEXT } };

export interface CanonicalForm {
  /** @throws Error for a context that is not known */
  of(document: object): Promise<string>;
  /** The same, and it throws where a member is left out because no context knows it. */
  ofEveryMember(document: object): Promise<string>;
}

/** RDF in the canonical form URDNA2015, as N-Quads. */
export function createCanonicalForm(contexts: Contexts): CanonicalForm {
  const known = { ...BUNDLED, ...contexts };

  const documentLoader = async (documentUrl: string): Promise<RemoteDocument> => {
    const document = known[documentUrl];
    if (typeof document !== 'object' || document === null) throw new Error('a context that is not known');
    return { documentUrl, document: document as RemoteDocument['document'] };
  };

  const canonize = async (document: object, safe: boolean): Promise<string> => {
    // Only those who check credentials pay for the library.
    const { default: jsonld } = await import('jsonld');
    // The library's types do not know `safe`.
    const options: Options.Normalize & { readonly safe: boolean } = {
      algorithm: 'URDNA2015',
      format: 'application/n-quads',
      documentLoader,
      safe,
    };
    return jsonld.canonize(document, options);
  };

  return {
    of: (document) => canonize(document, false),
    ofEveryMember: (document) => canonize(document, true),
  };
}
