import { z } from 'zod';
import type { Clock } from '../../runtime/index.js';
import { errorOf, OsiaError, readAnswer } from './answers.js';
import type { OsiaClient } from './osia-client.js';
import type { Expression } from './population-registry.js';
import { type Attributes, Scalar } from './scalar.js';

/** 0: the registry has no such attribute; 1: it differs (dataaccess.yaml). */
const Mismatches = z.array(z.object({ attributeName: z.string(), errorCode: z.union([z.literal(0), z.literal(1)]) }));
export type Mismatch = z.infer<typeof Mismatches>[number];

/** Beside values stand errors about attributes, e.g. unknown ones. */
const Read = z.record(z.string(), z.unknown()).refine((found) => !OsiaError.safeParse(found).success);

/** OSIA's data access interface (1.3); undefined: nobody has this number. */
export interface DataAccess {
  /** The attributes of these that the registry has. */
  read(uin: string, names: readonly string[], signal: AbortSignal): Promise<Attributes | undefined>;
  /** What is not so. */
  match(uin: string, attributes: Attributes, signal: AbortSignal): Promise<readonly Mismatch[] | undefined>;
  /** Whether all this is so. */
  verify(uin: string, expressions: readonly Expression[], signal: AbortSignal): Promise<boolean | undefined>;
}

/** Every operation throws MediatorError: what a failed call or an unreadable answer stands for. */
export function createDataAccess(client: OsiaClient, clock: Clock): DataAccess {
  const ask = async <T extends z.ZodType>(
    call: Pick<Parameters<OsiaClient>[0], 'operation' | 'method' | 'path' | 'query' | 'body' | 'signal'>,
    uin: string,
    schema: T,
  ): Promise<z.output<T> | undefined> => {
    const response = await client({ ...call, service: 'data-access', ids: { uin } });
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw errorOf(response, clock.now());
    return readAnswer(schema, response);
  };

  return {
    async read(uin, attributeNames, signal) {
      const path = '/v1/persons/{uin}';
      const call = {
        operation: 'readPersonAttributes',
        method: 'GET',
        path,
        query: { attributeNames },
        signal,
      } as const;
      const found = await ask(call, uin, Read);
      if (found === undefined) return undefined;
      const values = Object.entries(found).flatMap(([name, value]) => {
        const scalar = Scalar.safeParse(value);
        return scalar.success ? [[name, scalar.data] as const] : [];
      });
      return Object.fromEntries(values);
    },
    match(uin, body, signal) {
      const path = '/v1/persons/{uin}/match';
      return ask({ operation: 'matchPersonAttributes', method: 'POST', path, body, signal }, uin, Mismatches);
    },
    verify(uin, body, signal) {
      const path = '/v1/persons/{uin}/verify';
      return ask({ operation: 'verifyPersonAttributes', method: 'POST', path, body, signal }, uin, z.boolean());
    },
  };
}
