import { z } from 'zod';

/** The numbers that a national ID system gave to a person. Which of them reaches OpenCRVS is decided by a mapping. */
export const Identity = z.object({
  /** The national identity number itself (MOSIP's UIN). */
  nationalId: z.string().min(1).optional(),
  /** A revocable number that stands for it (MOSIP's VID). */
  virtualId: z.string().min(1).optional(),
  /** A token that only one partner can use (MOSIP's PSUT). */
  token: z.string().min(1).optional(),
});

/** How an event ended at the national ID system: what OpenCRVS is told. */
export const Outcome = z.discriminatedUnion('result', [
  z.object({ result: z.literal('issued'), identity: Identity }),
  /** Done, and there is no number to tell: a death. */
  z.object({ result: z.literal('confirmed') }),
  /** The data is wrong; `reason` is safe to show. */
  z.object({ result: z.literal('refused'), code: z.string().min(1), reason: z.string() }),
]);

export type Identity = z.infer<typeof Identity>;
export type Outcome = z.infer<typeof Outcome>;
