import { z } from 'zod';

/** One setting: how its text is read, and what the documentation says about it. */
export interface Definition<T extends z.ZodType = z.ZodType> {
  readonly schema: T;
  /** One or two sentences for `docs/configuration.md`. */
  readonly meaning: string;
  /** How the type is named in the documentation and in an error. */
  readonly expects: string;
  /** A secret can also be given as `NAME_FILE`, and is never shown. */
  readonly secret: boolean;
  /** Other names under which the setting is accepted. */
  readonly aliases: readonly string[];
}

type Extra = { readonly secret?: true; readonly aliases?: readonly string[] };

function define<T extends z.ZodType>(schema: T, expects: string, meaning: string, extra: Extra = {}): Definition<T> {
  return { schema, meaning, expects, secret: extra.secret ?? false, aliases: extra.aliases ?? [] };
}

const Text = z.string().min(1);
const HttpUrl = z.url({ protocol: /^https?$/ });

/** A text that may be absent. */
export const text = (meaning: string, extra?: Extra) => define(Text.optional(), 'text', meaning, extra);
export const textOr = (fallback: string, meaning: string, extra?: Extra) =>
  define(Text.default(fallback), 'text', meaning, extra);
export const secret = (meaning: string) => define(Text.optional(), 'text (secret)', meaning, { secret: true });
export const url = (meaning: string, extra?: Extra) =>
  define(HttpUrl.optional(), 'http or https address', meaning, extra);
export const flag = (fallback: boolean, meaning: string, extra?: Extra) =>
  define(
    z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] }).default(fallback),
    'true or false',
    meaning,
    extra,
  );
export const choice = <const V extends readonly [string, ...string[]]>(
  values: V,
  fallback: V[number],
  meaning: string,
) => define(z.enum(values).default(fallback as never), `one of ${values.join(', ')}`, meaning);
/** Several of a closed set, separated by commas. */
export const choices = <const V extends readonly [string, ...string[]]>(
  values: V,
  fallback: readonly V[number][],
  meaning: string,
) =>
  define(
    z
      .string()
      .transform((given) => given.split(',').map((part) => part.trim()))
      .pipe(z.array(z.enum(values)))
      .default(fallback as never),
    `some of ${values.join(', ')}, separated by commas`,
    meaning,
  );
/** Digits only: JavaScript would read a blank as 0. */
const wholeNumber = (range: { min: number; max: number }) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(range.min).max(range.max));
export const whole = (range: { min: number; max: number }, fallback: number, meaning: string) =>
  define(wholeNumber(range).default(fallback), `whole number, ${range.min} to ${range.max}`, meaning);
export const optionalWhole = (range: { min: number; max: number }, meaning: string) =>
  define(wholeNumber(range).optional(), `whole number, ${range.min} to ${range.max}`, meaning);
