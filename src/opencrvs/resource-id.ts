import { z } from 'zod';

/** An id as FHIR allows it, fit for an address: the two that mean a folder there are left out. */
export const ResourceId = z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9.-]{1,64}$/);
