import { expect, test } from '@jest/globals';
import { answerAge, compareClaim, judgeCandidate, mostLikely } from '../../../src/national-id/compare.js';
import type { IdentityClaim, KnownPerson } from '../../../src/national-id/index.js';
import type { Person } from '../../../src/vital-events/index.js';

const PERSON: Person = {
  names: [
    { language: 'en', given: ['Zoé', 'Anne-Marie'], family: "N'Guessan" },
    { language: 'am', given: ['ሰላም'], family: 'ተስፋዬ' },
  ],
  gender: 'female',
  birthDate: { value: '2000-02-29', approximate: false },
  identifiers: [],
  nationalities: [],
  addresses: [],
};
const knownAs = (person: Partial<Person>, facts: Partial<KnownPerson> = {}): KnownPerson => ({
  identity: { nationalId: '1' },
  person: { ...PERSON, ...person },
  isActive: true,
  ...facts,
});

test.each<{ name: string; claim: Omit<IdentityClaim, 'nationalId'>; attributes: readonly string[] }>([
  { name: 'nothing', claim: {}, attributes: [] },
  { name: 'accents and case', claim: { name: { given: ['ZOE'], family: 'n’guessan' } }, attributes: [] },
  { name: 'a middle name', claim: { name: { given: ['Zoé', 'Marie'], family: "N'Guessan" } }, attributes: [] },
  { name: 'another script', claim: { name: { given: ['ሰላም'], family: 'ተስፋዬ' } }, attributes: [] },
  { name: 'two names mixed', claim: { name: { given: ['ሰላም'], family: "N'Guessan" } }, attributes: ['name'] },
  { name: 'half a word', claim: { name: { given: ['Zo'], family: "N'Guessan" } }, attributes: ['name'] },
  { name: 'a name of no words', claim: { name: { given: ['-'] } }, attributes: ['name'] },
  { name: 'another day', claim: { birthDate: '2000-03-01' }, attributes: ['birth-date'] },
  { name: 'an unknown gender', claim: { gender: 'unknown' }, attributes: [] },
  { name: 'another gender', claim: { gender: 'male' }, attributes: ['gender'] },
])('a claim of $name', ({ claim, attributes }) => {
  const answer = compareClaim({ nationalId: '1', ...claim }, knownAs({}));
  expect(answer).toEqual(attributes.length === 0 ? { result: 'match' } : { result: 'mismatch', attributes });
});

test('a date known in part bears out its days, and what the record does not know bears out nothing', () => {
  const claim = { nationalId: '1', birthDate: '1990-05-17', gender: 'female' } as const;
  const partial = knownAs({ birthDate: { value: '1990-05', approximate: false } });
  expect(compareClaim(claim, partial)).toEqual({ result: 'match' });
  const nothing = knownAs({ birthDate: undefined, gender: undefined });
  expect(compareClaim(claim, nothing)).toEqual({ result: 'mismatch', attributes: ['birth-date', 'gender'] });
});

test.each([
  { name: 'nobody', known: undefined, result: 'not-found' },
  { name: 'an ended identity', known: knownAs({}, { isActive: false }), result: 'inactive' },
  { name: 'the dead', known: knownAs({}, { deceased: '2020-01-01' }), result: 'inactive' },
])('of $name neither claim nor age is looked at', ({ known, result }) => {
  expect(compareClaim({ nationalId: '1', gender: 'male' }, known)).toEqual({ result });
  expect(answerAge({ nationalId: '1', years: 18, on: '2024-01-01' }, known)).toEqual({ result });
});

test.each([
  { name: 'on the birthday', born: '2000-05-17', on: '2018-05-17', result: 'yes' },
  { name: 'the day before', born: '2000-05-17', on: '2018-05-16', result: 'no' },
  { name: 'born on a leap day', born: '2000-02-29', on: '2018-02-28', result: 'no' },
  { name: 'born on a leap day, a day later', born: '2000-02-29', on: '2018-03-01', result: 'yes' },
  { name: 'born in a month', born: '2000-05', on: '2018-05-30', result: 'no' },
  { name: 'born in a month, the next', born: '2000-05', on: '2018-06-01', result: 'yes' },
  { name: 'born in a year', born: '2000', on: '2018-12-30', result: 'no' },
  { name: 'born in a year, the next', born: '2000', on: '2019-01-01', result: 'yes' },
])('18 years: $name', ({ born, on, result }) => {
  const known = knownAs({ birthDate: { value: born, approximate: false } });
  expect(answerAge({ nationalId: '1', years: 18, on }, known)).toEqual({ result });
});

test('without a date of birth there is no answer', () => {
  expect(
    answerAge({ nationalId: '1', years: 18, on: '2018-01-01' }, knownAs({ birthDate: undefined })),
  ).toBeUndefined();
});

const OTHER_NAME: Person = { ...PERSON, names: [{ given: ['Koffi'], family: 'Other' }] };
const NUMBERED: Person = { ...PERSON, identifiers: [{ type: 'NATIONAL_ID', value: '1' }] };
const NOBODY: Person = { names: [], identifiers: [], nationalities: [], addresses: [] };

test.each([
  { name: 'all of it, and the number', person: NUMBERED, record: NUMBERED, grade: 'certain', score: 1 },
  {
    name: 'the number alone',
    person: { ...NOBODY, identifiers: NUMBERED.identifiers },
    record: NUMBERED,
    grade: 'certain',
    score: 1,
  },
  { name: 'all but the number', person: NUMBERED, record: PERSON, grade: 'probable', score: 0.9 },
  { name: 'all but the name', person: OTHER_NAME, record: PERSON, grade: 'certainly-not', score: 0.45 },
  { name: 'nothing that is known', person: NOBODY, record: PERSON, grade: 'certainly-not', score: 0 },
])('a record that agrees in $name is $grade', ({ person, record, grade, score }) => {
  const candidate = judgeCandidate(person, knownAs(record));
  expect(candidate).toMatchObject({ identity: { nationalId: '1' }, grade });
  expect(candidate.score).toBeCloseTo(score);
});

test('the most likely come first, the unlikely not at all, and not more than asked for', () => {
  const candidates = [PERSON, OTHER_NAME, NUMBERED].map((record) => judgeCandidate(NUMBERED, knownAs(record)));
  const grades = (atMost: number, onlyCertain = false): readonly string[] => {
    const answer = mostLikely(candidates, { atMost, onlyCertain });
    return answer.result === 'candidates' ? answer.candidates.map((candidate) => candidate.grade) : [];
  };
  expect(grades(5)).toEqual(['certain', 'probable']);
  expect(grades(1)).toEqual(['certain']);
  expect(grades(5, true)).toEqual(['certain']);
});
