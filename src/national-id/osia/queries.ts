import { randomUUID } from 'node:crypto';
import { MediatorError } from '../../errors/index.js';
import type { Person } from '../../vital-events/index.js';
import { judgeCandidate, mostLikely } from '../compare.js';
import type { NationalIdSystem } from '../port.js';
import type { AgeQuestion, Candidate, ClaimAttribute, IdentityClaim } from '../queries.js';
import { CLAIM_ATTRIBUTES, type ClaimAttributes, flat, partsOf, type ToClaimAttributes } from './claim-attributes.js';
import type { DataAccess } from './data-access.js';
import type { ReadKnownPerson } from './known-person.js';
import type { PopulationRegistry, Transaction } from './population-registry.js';
import type { Registrations } from './registrations.js';
import { Uin } from './uin.js';

export interface OsiaQueriesDeps {
  readonly registry: PopulationRegistry;
  readonly registrations: Registrations;
  readonly dataAccess: DataAccess;
  readonly toClaimAttributes: ToClaimAttributes;
  readonly readKnownPerson: ReadKnownPerson;
}

export type OsiaQueries = Pick<NationalIdSystem, 'verify' | 'checkAge' | 'lookup' | 'match'>;

/** The last day on which somebody can be born who has lived so many years on a day; 29 February has no match in most years. */
function latestBirthDate({ years, on }: AgeQuestion): string {
  const year = Number(on.slice(0, 4)) - years;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const day = on.endsWith('-02-29') && !isLeap ? '-02-28' : on.slice(4);
  return `${String(year).padStart(4, '0')}${day}`;
}

/** The claim that a person is this one; a date known in part cannot be looked for. */
function claimOf({ names: [name], birthDate }: Person): Omit<IdentityClaim, 'nationalId'> {
  const isWhole = birthDate?.value.length === '2000-01-01'.length;
  return { name, birthDate: isWhole ? birthDate.value : undefined };
}

/**
 * What is asked about persons at OSIA's data access interface (reference/mosip.md 7.1), which compares for us and gives
 * nothing away. The state of a person is the population registry's to tell.
 */
export function createOsiaQueries(deps: OsiaQueriesDeps): OsiaQueries {
  const { registry, registrations, dataAccess, toClaimAttributes, readKnownPerson } = deps;
  const transactionWith = (signal: AbortSignal): Transaction => ({ transactionId: randomUUID(), signal });

  /** Why nothing can be asked about the holder of a number; undefined where it can. */
  const obstacle = async (nationalId: string, signal: AbortSignal): Promise<'not-found' | 'inactive' | undefined> => {
    if (!Uin.safeParse(nationalId).success) return 'not-found';
    const state = await registry.read(nationalId, transactionWith(signal));
    if (state === undefined) return 'not-found';
    return state.status === 'ACTIVE' && state.physicalStatus === 'ALIVE' ? undefined : 'inactive';
  };

  /** What a mapping leaves out would count as borne out. */
  const attributesOf = async ({ nationalId: _, gender, ...claim }: IdentityClaim): Promise<ClaimAttributes> => {
    const asked = { ...claim, gender: gender === 'unknown' ? undefined : gender };
    const attributes = await toClaimAttributes(asked);
    const isLeftOut = (part: ClaimAttribute): boolean => Object.keys(attributes[part] ?? {}).length === 0;
    const claimed: Readonly<Record<ClaimAttribute, unknown>> = {
      name: asked.name,
      'birth-date': asked.birthDate,
      gender: asked.gender,
    };
    const missing = CLAIM_ATTRIBUTES.find((part) => claimed[part] !== undefined && isLeftOut(part));
    if (missing === undefined) return attributes;
    const message = `The mapping osia/claim.jsonata left out a part of the claim: ${missing}.`;
    throw new MediatorError('mapping_failed', { message });
  };

  /** OSIA finds what is equal and nothing else: who is written otherwise is not among the candidates. */
  const findCandidates = async (
    person: Person,
    limit: number,
    transaction: Transaction,
  ): Promise<readonly string[]> => {
    const recorded = (wanted: string): readonly string[] =>
      person.identifiers.filter(({ type }) => type === wanted).map(({ value }) => value);
    const found = recorded('NATIONAL_ID').filter((value) => Uin.safeParse(value).success);
    for (const number of recorded('BIRTH_REGISTRATION_NUMBER')) {
      const uin = await registrations.find(number, transaction);
      if (uin !== undefined && uin !== 'several') found.push(uin);
    }
    const attributes = await toClaimAttributes(claimOf(person));
    if (attributes.name !== undefined && attributes['birth-date'] !== undefined) {
      const criteria = Object.entries(flat(attributes)).map(
        ([attributeName, value]) => ({ attributeName, operator: '=', value }) as const,
      );
      found.push(...(await registry.find(criteria, limit, transaction)));
    }
    return [...new Set(found)];
  };

  return {
    async verify(claim, signal) {
      const attributes = await attributesOf(claim);
      const result = await obstacle(claim.nationalId, signal);
      if (result !== undefined) return { result };
      const mismatches = await dataAccess.match(claim.nationalId, flat(attributes), signal);
      if (mismatches === undefined) return { result: 'not-found' };
      if (mismatches.length === 0) return { result: 'match' };
      const names = mismatches.map(({ attributeName }) => attributeName);
      return { result: 'mismatch', attributes: partsOf(attributes, names) };
    },
    async checkAge(question, signal) {
      const birthDate = latestBirthDate(question);
      const attributes = await attributesOf({ nationalId: question.nationalId, birthDate });
      const result = await obstacle(question.nationalId, signal);
      if (result !== undefined) return { result };
      const rules = Object.entries(attributes['birth-date'] ?? {}).map(
        ([attributeName, value]) => ({ attributeName, operator: '<=', value }) as const,
      );
      const isOldEnough = await dataAccess.verify(question.nationalId, rules, signal);
      if (isOldEnough === undefined) return { result: 'not-found' };
      return { result: isOldEnough ? 'yes' : 'no' };
    },
    async lookup(key, signal) {
      const transaction = transactionWith(signal);
      const uin =
        'nationalId' in key
          ? Uin.safeParse(key.nationalId).data
          : await registrations.find(key.registrationNumber, transaction);
      if (uin === 'several') {
        throw new MediatorError('peer_response_invalid', { message: 'Several persons have the same number.' });
      }
      const found = uin === undefined ? undefined : await readKnownPerson(uin, transaction);
      return found === undefined ? { result: 'not-found' } : { result: 'found', found };
    },
    async match(person, options, signal) {
      const transaction = transactionWith(signal);
      const candidates: Candidate[] = [];
      for (const uin of await findCandidates(person, options.atMost, transaction)) {
        const known = await readKnownPerson(uin, transaction);
        if (known !== undefined) candidates.push(judgeCandidate(person, known));
      }
      return mostLikely(candidates, options);
    },
  };
}
