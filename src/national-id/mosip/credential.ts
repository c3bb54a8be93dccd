import { z } from 'zod';
import type { Identity } from '../../vital-events/index.js';
import type { CallbackAnswer } from '../port.js';

/** The part of MOSIP's verifiable credential that we use; births carry numbers, deaths none (reference/mosip.md 1.1). */
const Credential = z.object({
  credentialSubject: z.looseObject({ id: z.string() }),
});

/** The members of a credential's subject that hold numbers. */
const NUMBERS = { virtualId: 'VID', nationalId: 'UIN', token: 'PSUT' } as const;
export const NUMBER_MEMBERS: readonly string[] = Object.values(NUMBERS);

/**
 * Reads a decrypted credential: which registration it answers, and the numbers it holds.
 *
 * @throws Error when it is not such a credential; callers give it a code
 */
export function readCredential(text: string): CallbackAnswer {
  const { credentialSubject: subject } = Credential.parse(JSON.parse(text));
  const outwardKey = subject.id
    .split('/')
    .filter((segment) => segment !== '')
    .at(-1);
  if (outwardKey === undefined) throw new Error('the subject has no id');
  const found = {
    virtualId: textIn(subject[NUMBERS.virtualId]),
    nationalId: textIn(subject[NUMBERS.nationalId]),
    token: textIn(subject[NUMBERS.token]),
  };
  const identity: Identity = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  return { outwardKey, identity };
}

/** A number as MOSIP's versions write it: a text, a number, `{value}`, or an array of these. */
function textIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(textIn).find((text) => text !== undefined);
  if (typeof value === 'object' && value !== null && 'value' in value) return textIn(value.value);
  return undefined;
}
