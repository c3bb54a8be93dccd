import { z } from 'zod';
import { Expression } from './expression.js';
import { CHANGES, HeaderName, Operations, placeholdersOf } from './operations.js';

/** The value of a secret by its name in the environment; undefined where there is none. */
export type SecretReader = (name: string) => string | undefined;

type Complain = (path: readonly PropertyKey[], message: string) => void;

const SECRET_REFERENCE = /^\$\{([A-Z][A-Z0-9_]*)\}$/;

/** An address without credentials, query or fragment: what hangs below it is joined to its path. */
const BaseUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https address' })
  .refine((url) => !/[?#@]/.test(url), 'an address without user, query and fragment')
  .transform((url) => url.replace(/\/+$/, ''));

function checkPlaceholders(operations: Operations, complain: Complain): void {
  for (const [name, operation] of Object.entries(operations)) {
    if (operation === undefined) continue;
    const wanted = placeholdersOf(operation.path);
    const given = Object.keys(operation.parameters);
    for (const missing of wanted.filter((parameter) => !given.includes(parameter))) {
      complain([name, 'parameters', missing], 'an expression, as the path names it');
    }
    for (const unused of given.filter((parameter) => !wanted.includes(parameter))) {
      complain([name, 'parameters', unused], 'a name that stands in the path');
    }
  }
}

function checkAnswers(operations: Operations, hasCallback: boolean, complain: Complain): void {
  for (const name of CHANGES) {
    const operation = operations[name];
    if (operation === undefined) continue;
    if (operation.once === 'look-up' && operations.status === undefined) {
      complain([name, 'once'], 'look-up only beside an operation `status`');
    }
    const waits = operation.answers.findIndex(({ result }) => result === 'pending');
    if (waits >= 0 && operations.status === undefined && !hasCallback) {
      complain([name, 'answers', waits, 'result'], 'pending only beside a callback or an operation `status`');
    }
  }
}

/** The schema of a file that describes a national ID system; secrets are put in as it is read. */
export function restFile(readSecret: SecretReader) {
  const resolve = (reference: string, context: z.RefinementCtx<string>): string => {
    const name = SECRET_REFERENCE.exec(reference)?.[1];
    if (name === undefined) return reference;
    const value = readSecret(name);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `a name that the environment holds: ${name} or ${name}_FILE` });
    return z.NEVER;
  };
  const Secret = z
    .string()
    .regex(SECRET_REFERENCE, `the name of a secret in the environment, as \${NAME}`)
    .transform(resolve);
  /** What may differ between deployments without being secret. */
  const Plain = z.string().min(1).transform(resolve);

  const Auth = z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('basic'), username: Plain, password: Secret }),
    z.strictObject({ kind: z.literal('bearer'), token: Secret }),
    z.strictObject({ kind: z.literal('header'), header: HeaderName, value: Secret }),
    z.strictObject({
      kind: z.literal('client-credentials'),
      tokenUrl: z.union([BaseUrl, z.string().regex(/^\//)], { error: 'an address, or a path below baseUrl' }),
      clientId: Plain,
      clientSecret: Secret,
      scope: z.string().min(1).optional(),
      sendIn: z.enum(['header', 'body']).default('header'),
    }),
  ]);

  /** A call of the system to us, and what is found in it. */
  const Callback = z.strictObject({
    signature: z.strictObject({
      header: z.string().min(1).toLowerCase(),
      secret: Secret,
      algorithm: z.enum(['sha256', 'sha384', 'sha512']).default('sha256'),
      encoding: z.enum(['hex', 'base64']).default('hex'),
      prefix: z.string().default(''),
    }),
    /** Header with the sender's id of the delivery. Without it, the same bytes are the same delivery. */
    deliveryHeader: z.string().min(1).toLowerCase().optional(),
    outwardKey: Expression,
    identity: Expression,
  });

  return z
    .strictObject({
      baseUrl: BaseUrl,
      auth: Auth.default({ kind: 'none' }),
      /** The form of our key: 32 hexadecimal digits, a UUID, or 19 decimal digits. */
      key: z.enum(['hex', 'uuid', 'digits']).default('hex'),
      operations: Operations,
      callback: Callback.optional(),
    })
    .superRefine(({ operations, callback }, context) => {
      const complain: Complain = (path, message) =>
        context.addIssue({ code: 'custom', path: ['operations', ...path], message });
      checkPlaceholders(operations, complain);
      checkAnswers(operations, callback !== undefined, complain);
    });
}

/** A national ID system as its file describes it. Expressions are texts that compile; secrets are their values. */
export type RestSettings = z.output<ReturnType<typeof restFile>>;
