import type { LookupKey } from '../../national-id/index.js';
import type { Identifier } from '../../vital-events/index.js';

/** The identifier systems by which this deployment tells its numbers apart. */
export interface IdentifierSystems {
  readonly nationalIdSystem: string;
  readonly registrationSystem: string;
}

/** As `fhir/patient-to-downstream.jsonata` has it. */
export const DEATH_REGISTRATION_SYSTEM = 'urn:opencrvs:death-registration-number';
const OPENCRVS_TYPES = 'http://opencrvs.org/specs/identifier-type';

/** What of a FHIR Identifier is read. */
export interface FhirIdentifier {
  readonly system?: string | undefined;
  readonly value?: string | undefined;
  readonly use?: string | undefined;
  readonly type?:
    | {
        readonly coding?:
          | readonly { readonly system?: string | undefined; readonly code?: string | undefined }[]
          | undefined;
      }
    | undefined;
}

function typesBySystem({ nationalIdSystem, registrationSystem }: IdentifierSystems): ReadonlyMap<string, string> {
  return new Map([
    [nationalIdSystem, 'NATIONAL_ID'],
    [registrationSystem, 'BIRTH_REGISTRATION_NUMBER'],
    [DEATH_REGISTRATION_SYSTEM, 'DEATH_REGISTRATION_NUMBER'],
  ]);
}

/** By their system, else by the type that OpenCRVS gave; values marked `old` are nobody's. */
export function readIdentifiers(identifiers: readonly FhirIdentifier[], systems: IdentifierSystems): Identifier[] {
  const types = typesBySystem(systems);
  return identifiers.flatMap(({ system, value, use, type }) => {
    if (value === undefined || use === 'old') return [];
    const own = type?.coding?.find((coding) => coding.system === OPENCRVS_TYPES)?.code;
    return [{ type: types.get(system ?? '') ?? own ?? 'OTHER', value }];
  });
}

/** Those whose system is known here: a number without one could be anybody's. */
export function writeIdentifiers(
  identifiers: readonly Identifier[],
  systems: IdentifierSystems,
): { readonly system: string; readonly value: string }[] {
  const types = [...typesBySystem(systems)];
  return identifiers.flatMap(({ type, value }) => {
    const system = types.find(([, known]) => known === type)?.[0];
    return system === undefined ? [] : [{ system, value }];
  });
}

/** The identifier that a look-up goes by. */
export function identifierOf(key: LookupKey): Identifier {
  return 'nationalId' in key
    ? { type: 'NATIONAL_ID', value: key.nationalId }
    : { type: 'BIRTH_REGISTRATION_NUMBER', value: key.registrationNumber };
}

/** `system|value`, where `\` escapes `,`, `|`, `$` and itself (R4, search.html 3.1.1.5.7). */
const TOKEN = /^((?:[^\\,|]|\\[\\,|$])*)\|((?:[^\\,]|\\[\\,|$])+)$/;
const unescaped = (text: string): string => text.replace(/\\([\\,|$])/g, '$1');

/** The one person whom a search token names; undefined for any other: a list, no system, or one that is not known here. */
export function readToken(token: string, systems: IdentifierSystems): LookupKey | undefined {
  const [, system, value] = TOKEN.exec(token) ?? [];
  if (system === undefined || value === undefined) return undefined;
  if (unescaped(system) === systems.nationalIdSystem) return { nationalId: unescaped(value) };
  if (unescaped(system) === systems.registrationSystem) return { registrationNumber: unescaped(value) };
  return undefined;
}
