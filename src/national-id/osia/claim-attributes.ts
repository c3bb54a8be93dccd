import { z } from 'zod';
import { loadMapping } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { ClaimAttribute, IdentityClaim } from '../queries.js';
import { Attributes } from './scalar.js';

const FILE = 'osia/claim.jsonata';

export const CLAIM_ATTRIBUTES = ['name', 'birth-date', 'gender'] as const satisfies readonly ClaimAttribute[];

/** The attributes in which this country's registry holds each part of a claim. */
const ClaimAttributes = z.partialRecord(z.enum(CLAIM_ATTRIBUTES), Attributes);
export type ClaimAttributes = z.infer<typeof ClaimAttributes>;

/** @throws MediatorError `mapping_failed`, `mapping_timeout` */
export type ToClaimAttributes = (claim: Omit<IdentityClaim, 'nationalId'>) => Promise<ClaimAttributes>;

/** Loads `osia/claim.jsonata` below `dir`. */
export function createToClaimAttributes(dir: string): ToClaimAttributes {
  const mapping = loadMapping(dir, FILE);

  return async (claim) => {
    const mapped = ClaimAttributes.safeParse((await mapping.apply({ claim })) ?? {});
    if (mapped.success) return mapped.data;
    throw new MediatorError('mapping_failed', { message: `The mapping ${FILE} made no attributes that OSIA takes.` });
  };
}

/** All attributes of a claim together, as OSIA takes them. */
export function flat(attributes: ClaimAttributes): Attributes {
  return Object.assign({}, ...Object.values(attributes));
}

/** The parts of a claim to which these attributes belong. */
export function partsOf(attributes: ClaimAttributes, names: readonly string[]): ClaimAttribute[] {
  const parts = Object.entries(attributes) as [ClaimAttribute, Attributes][];
  return parts.filter(([, own]) => names.some((name) => name in own)).map(([part]) => part);
}
