import { z } from 'zod';

/** Text that says something: OpenCRVS pads with "" where a form field was left empty. */
export const Text = z.string().regex(/\S/);

/** A part that may be absent; a malformed one counts as absent. */
export function optional<T extends z.ZodType>(part: T): z.ZodCatch<z.ZodOptional<T>> {
  return part.optional().catch(undefined);
}

/** A list of which the malformed elements are dropped. What is no list has none. */
export function listOf<T extends z.ZodType>(element: T): z.ZodType<z.output<T>[]> {
  return z
    .array(z.unknown())
    .catch([])
    .transform((entries) =>
      entries.flatMap((entry) => {
        const parsed = element.safeParse(entry);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}
