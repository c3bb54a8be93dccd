import { loadMapping, type MosipIdentityRepositorySettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Person } from '../../vital-events/index.js';
import { MappedPerson } from '../mapped-person.js';
import type { NationalIdSystem } from '../port.js';
import type { LookupKey } from '../queries.js';
import type { IdentityRecord, IdentityRepository, IndividualId } from './identity-repository.js';
import { individualIdType } from './individual-id.js';

const FILE = 'mosip/person.jsonata';

/**
 * Looks persons up in the identity repository: by UIN, VID or handle, and by the number of a birth registration where
 * that is a handle. Loads `mosip/person.jsonata` below `mappings.dir`.
 *
 * @throws MediatorError `mapping_failed` when that file is missing or does not compile
 */
export function createLookup(
  { repository }: { readonly repository: IdentityRepository },
  { handlePostfix }: Pick<MosipIdentityRepositorySettings, 'handlePostfix'>,
  mappings: { readonly dir: string },
): NationalIdSystem['lookup'] {
  const mapping = loadMapping(mappings.dir, FILE);

  const individualOf = (key: LookupKey): IndividualId =>
    'nationalId' in key
      ? { id: key.nationalId, idType: individualIdType(key.nationalId) }
      : { id: `${key.registrationNumber}${handlePostfix}`, idType: 'HANDLE' };

  const toPerson = async ({ uin, attributes }: IdentityRecord): Promise<Person> => {
    const mapped = MappedPerson.safeParse((await mapping.apply({ attributes })) ?? {});
    if (!mapped.success) throw new MediatorError('mapping_failed', { message: `The mapping ${FILE} made no person.` });
    return { ...mapped.data, identifiers: [...mapped.data.identifiers, { type: 'NATIONAL_ID', value: uin }] };
  };

  return async (key, signal) => {
    const individual = individualOf(key);
    const record = await repository.read(individual, signal);
    if (typeof record !== 'object') return { result: 'not-found' };
    const asked = individual.idType === 'VID' ? { virtualId: individual.id } : {};
    return {
      result: 'found',
      found: {
        identity: { nationalId: record.uin, ...asked },
        person: await toPerson(record),
        isActive: record.status === 'ACTIVATED',
      },
    };
  };
}
