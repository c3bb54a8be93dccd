import type { Person } from '../vital-events/index.js';
import type {
  AgeAnswer,
  AgeQuestion,
  Candidate,
  ClaimAttribute,
  IdentityClaim,
  KnownPerson,
  MatchGrade,
  Matching,
  MatchOptions,
  Verification,
} from './queries.js';

// Comparing by ourselves, for systems that hand out what they hold and do not compare.

/** The words of a text without case, accents of Latin, Greek and Cyrillic letters, and what stands between words. */
function wordsOf(text: string): string[] {
  const plain = text.normalize('NFD').replace(/[\u0300-\u036f]/g, '');
  return plain.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

type Name = NonNullable<IdentityClaim['name']>;

const nameWords = ({ given, family = '' }: Name): string[] => wordsOf([...given, family].join(' '));

/** Whether one of a person's names holds every word of this one: who leaves out a middle name is not refused for it. */
function bearsName(person: Person, name: Name): boolean {
  const claimed = nameWords(name);
  return claimed.length > 0 && person.names.some((own) => claimed.every((word) => nameWords(own).includes(word)));
}

/** A record that knows the year only bears out every day of that year. */
const bearsBirthDate = (person: Person, date: string): boolean =>
  person.birthDate !== undefined && date.startsWith(person.birthDate.value);

/** What is claimed and not borne out by the record; what the record does not know counts as such. */
function differences({ name, birthDate, gender }: IdentityClaim, person: Person): ClaimAttribute[] {
  const differing: ClaimAttribute[] = [];
  if (name !== undefined && !bearsName(person, name)) differing.push('name');
  if (birthDate !== undefined && !bearsBirthDate(person, birthDate)) differing.push('birth-date');
  if (gender !== undefined && gender !== 'unknown' && gender !== person.gender) differing.push('gender');
  return differing;
}

const isInactive = ({ isActive, deceased }: KnownPerson): boolean => !isActive || deceased !== undefined;

/** A claim held against the person whom the system knows under the number. */
export function compareClaim(claim: IdentityClaim, known: KnownPerson | undefined): Verification {
  if (known === undefined) return { result: 'not-found' };
  if (isInactive(known)) return { result: 'inactive' };
  const attributes = differences(claim, known.person);
  return attributes.length === 0 ? { result: 'match' } : { result: 'mismatch', attributes };
}

/** The last day that a date known in part can mean. */
const latestDay = (partial: string): string => partial + '-12-31'.slice(partial.length - '2000'.length);

/**
 * Whether the person had lived so many years. Of a date known in part the youngest reading counts, so a yes is certain.
 * Who was born on 29 February has a birthday on 1 March. Undefined where the record knows no date of birth.
 */
export function answerAge({ years, on }: AgeQuestion, known: KnownPerson | undefined): AgeAnswer | undefined {
  if (known === undefined) return { result: 'not-found' };
  if (isInactive(known)) return { result: 'inactive' };
  const born = known.person.birthDate?.value;
  if (born === undefined) return undefined;
  const day = latestDay(born);
  const birthday = `${String(Number(day.slice(0, 4)) + years).padStart(4, '0')}${day.slice(4)}`;
  return { result: birthday <= on ? 'yes' : 'no' };
}

/** How much each attribute weighs in a likeness. */
const WEIGHTS = { name: 0.5, 'birth-date': 0.35, gender: 0.15 } as const satisfies Record<ClaimAttribute, number>;

/** How like a record is to a person, 0 to 1, by what is known of the person; undefined where nothing is. */
function likeness(person: Person, record: Person): number | undefined {
  const [name] = person.names;
  const claim: IdentityClaim = { nationalId: '', name, birthDate: person.birthDate?.value, gender: person.gender };
  const asked: readonly ClaimAttribute[] = [
    ...(name === undefined ? [] : (['name'] as const)),
    ...(claim.birthDate === undefined ? [] : (['birth-date'] as const)),
    ...(claim.gender === undefined || claim.gender === 'unknown' ? [] : (['gender'] as const)),
  ];
  const differing = differences(claim, record);
  const weigh = (attributes: readonly ClaimAttribute[]): number =>
    attributes.reduce((sum, attribute) => sum + WEIGHTS[attribute], 0);
  return asked.length === 0 ? undefined : 1 - weigh(differing) / weigh(asked);
}

const PROBABLE = 0.8;
const POSSIBLE = 0.5;

/** A score alone never makes a certain match: only a number, or the server itself, can say that. */
export function gradeOf(score: number): MatchGrade {
  if (score >= PROBABLE) return 'probable';
  return score >= POSSIBLE ? 'possible' : 'certainly-not';
}

/** How a record that we found by ourselves compares: a shared number counts for half, and alone can make it certain. */
export function judgeCandidate(person: Person, known: KnownPerson): Candidate {
  const shares = person.identifiers.some(({ type, value }) =>
    known.person.identifiers.some((own) => own.type === type && own.value === value),
  );
  const alike = likeness(person, known.person);
  const score = shares ? 0.5 + (alike ?? 1) / 2 : (alike ?? 0) * 0.9;
  return { ...known, score, grade: score === 1 ? 'certain' : gradeOf(score) };
}

/** Those of the candidates that were asked for, the most likely first. */
export function mostLikely(candidates: readonly Candidate[], { atMost, onlyCertain }: MatchOptions): Matching {
  const wanted = candidates.filter(({ grade }) => (onlyCertain ? grade === 'certain' : grade !== 'certainly-not'));
  return { result: 'candidates', candidates: wanted.toSorted((a, b) => b.score - a.score).slice(0, atMost) };
}
