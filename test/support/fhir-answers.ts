import { z } from 'zod';

const Resource = z.looseObject({
  id: z.string(),
  identifier: z.array(z.looseObject({ system: z.string().optional(), value: z.string() })),
});

const Entry = z.looseObject({ fullUrl: z.string(), resource: Resource });
const Found = z.looseObject({ entry: z.tuple([Entry], Entry) });

/** The first person of a set that was found; throws where the answer is no such set. */
export const firstFound = (body: unknown): z.output<typeof Entry> => Found.parse(body).entry[0];

/** The person's number in a system. */
export const numberOf = ({ identifier }: z.output<typeof Resource>, system: string): string =>
  identifier.find((one) => one.system === system)?.value ?? '';

const Statement = z.looseObject({ rest: z.tuple([z.looseObject({})]) });

/** What a CapabilityStatement says of the server's only door. */
export const restOf = (body: unknown): Readonly<Record<string, unknown>> => Statement.parse(body).rest[0];

const Offer = z.looseObject({
  interaction: z.array(z.object({ code: z.string() })),
  operation: z.unknown(),
});
const Offers = z.looseObject({ resource: z.tuple([Offer], z.unknown()) });

/** What a CapabilityStatement offers for its first resource. */
export function firstOffer(body: unknown): { readonly codes: readonly string[]; readonly operation: unknown } {
  const { interaction, operation } = Offers.parse(restOf(body)).resource[0];
  return { codes: interaction.map(({ code }) => code), operation };
}

const Outcome = z.looseObject({
  issue: z.tuple([z.looseObject({ details: z.object({ coding: z.tuple([z.looseObject({ code: z.string() })]) }) })]),
});

/** The code in the details of an OperationOutcome's only issue. */
export const issueCode = (body: unknown): string => Outcome.parse(body).issue[0].details.coding[0].code;
