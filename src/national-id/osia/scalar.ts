import { z } from 'zod';

/** The values that OSIA takes for an attribute: no lists, no objects (uin.yaml, dataaccess.yaml). */
export const Scalar = z.union([z.string(), z.number(), z.boolean()]);
export type Scalar = z.infer<typeof Scalar>;

export const Attributes = z.record(z.string(), Scalar);
export type Attributes = z.infer<typeof Attributes>;
