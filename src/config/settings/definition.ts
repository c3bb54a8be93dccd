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
  /** Its name in the OpenHIM console; absent where an operator cannot change it there. */
  readonly console?: string;
  /** Whether it holds an address that we call, or are called at. */
  readonly isAddress?: true;
}

type Extra = Partial<Pick<Definition, 'secret' | 'aliases' | 'console' | 'isAddress'>>;

function define<T extends z.ZodType>(schema: T, expects: string, meaning: string, extra: Extra = {}): Definition<T> {
  return { schema, meaning, expects, secret: false, aliases: [], ...extra };
}

const Text = z.string().min(1);
const HttpUrl = z.url({ protocol: /^https?$/ });

/** A text that may be absent. */
export const text = (meaning: string, extra?: Extra) => define(Text.optional(), 'text', meaning, extra);
export const textOr = (fallback: string, meaning: string, extra?: Extra) =>
  define(Text.default(fallback), 'text', meaning, extra);
export const secret = (meaning: string) => define(Text.optional(), 'text (secret)', meaning, { secret: true });
export const url = (meaning: string, extra?: Extra) =>
  define(HttpUrl.optional(), 'http or https address', meaning, { ...extra, isAddress: true });
/** The name of a folder, not a path to one. */
export const folderName = (meaning: string, extra?: Extra) =>
  define(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/)
      .optional(),
    'name of a folder',
    meaning,
    extra,
  );
/** The name of a rule: of a file, not a path to one. */
export const ruleName = (fallback: string, meaning: string, extra?: Extra) =>
  define(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/)
      .default(fallback),
    'name of a rule',
    meaning,
    extra,
  );
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
  extra?: Extra,
) => define(z.enum(values).default(fallback as never), `one of ${values.join(', ')}`, meaning, extra);
/** One of a closed set, or absent. */
export const optionalChoice = <const V extends readonly [string, ...string[]]>(values: V, meaning: string) =>
  define(z.enum(values).optional(), `one of ${values.join(', ')}`, meaning);
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
export const whole = (range: { min: number; max: number }, fallback: number, meaning: string, extra?: Extra) =>
  define(wholeNumber(range).default(fallback), `whole number, ${range.min} to ${range.max}`, meaning, extra);
export const optionalWhole = (range: { min: number; max: number }, meaning: string) =>
  define(wholeNumber(range).optional(), `whole number, ${range.min} to ${range.max}`, meaning);
