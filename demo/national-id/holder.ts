import type { OpenCrvsPart } from '../opencrvs/part.js';

/** A person whom a system knows before the demo begins: the one who dies in it. */
export interface Holder {
  readonly number: string;
  readonly given: readonly string[];
  readonly family: string;
  readonly gender: 'male' | 'female';
  readonly birthDate: string;
}

/**
 * The person whose death this OpenCRVS tells.
 *
 * @throws Error where it tells none, or too little of the person
 */
export function holderIn({ after }: OpenCrvsPart): Holder {
  const { names, gender, birthDate, identifiers } = after.subject;
  const number = identifiers.find(({ type }) => type === 'NATIONAL_ID')?.value;
  const { given, family } = names[0] ?? {};
  const isSex = gender === 'male' || gender === 'female';
  if (after.kind !== 'death' || !isSex || !number || !given || !family || birthDate === undefined) {
    throw new Error('this OpenCRVS tells of no death of somebody with a national ID');
  }
  return { number, given, family, gender, birthDate: birthDate.value };
}

/** The title of the step that shows the holder. */
export function holdsTitle(name: string, { given, family, number }: Holder): string {
  return `${name} holds somebody already: ${[...given, family].join(' ')}, number ${number}`;
}
