import { loadMapping, type OsiaSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Person } from '../../vital-events/index.js';
import { MappedPerson } from '../mapped-person.js';
import type { KnownPerson } from '../queries.js';
import type { DataAccess } from './data-access.js';
import type { PopulationRegistry, Transaction } from './population-registry.js';
import type { Attributes } from './scalar.js';

const FILE = 'osia/person.jsonata';

/** The person under a number, by state and attributes; undefined: nobody. */
export type ReadKnownPerson = (uin: string, transaction: Transaction) => Promise<KnownPerson | undefined>;

/**
 * Loads `osia/person.jsonata` below `dir`. The function throws MediatorError `mapping_failed`, and what a failed call
 * stands for.
 */
export function createReadKnownPerson(
  { registry, dataAccess }: { readonly registry: PopulationRegistry; readonly dataAccess: DataAccess },
  { personAttributes, registrationAttribute }: Pick<OsiaSettings, 'personAttributes' | 'registrationAttribute'>,
  dir: string,
): ReadKnownPerson {
  const mapping = loadMapping(dir, FILE);
  const names = [...new Set([...personAttributes, registrationAttribute])];

  const toPerson = async (uin: string, attributes: Attributes): Promise<Person> => {
    const mapped = MappedPerson.safeParse((await mapping.apply({ attributes })) ?? {});
    if (!mapped.success) throw new MediatorError('mapping_failed', { message: `The mapping ${FILE} made no person.` });
    const registration = attributes[registrationAttribute];
    return {
      ...mapped.data,
      identifiers: [
        ...mapped.data.identifiers,
        { type: 'NATIONAL_ID', value: uin },
        ...(registration === undefined ? [] : [{ type: 'BIRTH_REGISTRATION_NUMBER', value: String(registration) }]),
      ],
    };
  };

  return async (uin, transaction) => {
    const state = await registry.read(uin, transaction);
    const attributes = state && (await dataAccess.read(uin, names, transaction.signal));
    if (state === undefined || attributes === undefined) return undefined;
    return {
      identity: { nationalId: uin },
      person: await toPerson(uin, attributes),
      isActive: state.status === 'ACTIVE',
      deceased: state.physicalStatus === 'DEAD' ? true : undefined,
    };
  };
}
