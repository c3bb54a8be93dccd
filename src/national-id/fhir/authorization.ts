import type { FhirAuth } from '../../config/index.js';

/** The header by which we authenticate at the FHIR server; no header for `none`. */
export function fhirAuthorization(auth: FhirAuth): { readonly authorization?: string } {
  switch (auth.kind) {
    case 'none':
      return {};
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` };
    case 'bearer':
      return { authorization: `Bearer ${auth.token}` };
  }
}
