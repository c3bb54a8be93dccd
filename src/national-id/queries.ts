import type { Identity, Person } from '../vital-events/index.js';

/** What somebody claims about the holder of a number; only the attributes that are here are checked. */
export interface IdentityClaim {
  /** A national ID, or a number that stands for it. */
  readonly nationalId: string;
  /** YYYY-MM-DD. */
  readonly birthDate?: string | undefined;
  readonly name?: { readonly given: readonly string[]; readonly family?: string | undefined } | undefined;
  readonly gender?: Person['gender'];
}

export type ClaimAttribute = 'name' | 'birth-date' | 'gender';

/** `attributes`: those that differ, as far as the system tells. A system that is away throws instead: that is never a no. */
export type Verification =
  | { readonly result: 'match' }
  | { readonly result: 'mismatch'; readonly attributes: readonly ClaimAttribute[] }
  | { readonly result: 'not-found' | 'inactive' | 'not-supported' };

/** Has the holder of the number lived this many whole years on that day? */
export interface AgeQuestion {
  readonly nationalId: string;
  readonly years: number;
  /** YYYY-MM-DD. */
  readonly on: string;
}

export type AgeAnswer =
  | { readonly result: 'yes' | 'no' }
  | { readonly result: 'not-found' | 'inactive' | 'not-supported' };

/** A person as the national ID system knows them. */
export interface KnownPerson {
  readonly identity: Identity;
  readonly person: Person;
  readonly isActive: boolean;
  /** YYYY-MM-DD, or true where only the fact is known. */
  readonly deceased?: string | true | undefined;
}

/** By what a person is looked up: one of the numbers that the system gave, or the number of the registration. */
export type LookupKey = { readonly nationalId: string } | { readonly registrationNumber: string };

export type Lookup =
  | { readonly result: 'found'; readonly found: KnownPerson }
  | { readonly result: 'not-found' | 'not-supported' };

export interface MatchOptions {
  readonly atMost: number;
  readonly onlyCertain: boolean;
}

/** FHIR's grades (reference/mosip.md 7.2). */
export type MatchGrade = 'certain' | 'probable' | 'possible' | 'certainly-not';

/** `score`: 0 to 1. */
export interface Candidate extends KnownPerson {
  readonly score: number;
  readonly grade: MatchGrade;
}

/** The most likely first. */
export type Matching =
  | { readonly result: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly result: 'not-supported' };
