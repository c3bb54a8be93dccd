import { z } from 'zod';

const Webhook = z.object({
  event: z.object({ context: z.tuple([z.object({ resourceType: z.literal('Bundle'), entry: z.array(z.unknown()) })]) }),
});

/** The body of a delivery; undefined for what is no JSON, about which there is nothing to be said here. */
export function sentBody(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    // Other doors take other forms.
    return undefined;
  }
}

/** The entries of the record in a webhook's body; undefined for any other body. */
export function sentEntries(raw: string): readonly unknown[] | undefined {
  return Webhook.safeParse(sentBody(raw)).data?.event.context[0].entry;
}
