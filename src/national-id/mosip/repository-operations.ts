import type { MosipSettings } from '../../config/index.js';
import { NOT_SUPPORTED } from '../not-supported.js';
import type { Capability, NationalIdSystem } from '../port.js';
import { type ChangeStatus, createChangeStatus } from './change-status.js';
import { createIdentityRepository, type IdentityRepository } from './identity-repository.js';
import { createLookup } from './lookup.js';
import type { ServiceCaller } from './service-client.js';

/** What the identity repository adds; without its settings, nothing. */
export interface RepositoryOperations {
  readonly capabilities: readonly Capability[];
  readonly changeStatus: ChangeStatus;
  readonly lookup: NationalIdSystem['lookup'];
  /** Whether deaths go there and not by packet. */
  readonly endsDeaths: boolean;
  /** Where the number of a birth is read whose credential has not come; undefined: it is waited for. */
  readonly lostNumbers: IdentityRepository | undefined;
}

const NOTHING: RepositoryOperations = {
  capabilities: [],
  changeStatus: async () => NOT_SUPPORTED,
  lookup: async () => NOT_SUPPORTED,
  endsDeaths: false,
  lostNumbers: undefined,
};

/**
 * `caller` is only called where the repository is configured.
 *
 * @throws MediatorError `mapping_failed` when `mosip/person.jsonata` is needed and missing, or does not compile
 */
export function createRepositoryOperations(
  { caller }: { readonly caller: () => ServiceCaller },
  settings: MosipSettings,
  mappings: { readonly dir: string },
): RepositoryOperations {
  const { identityRepository: own } = settings;
  if (own === undefined) return NOTHING;
  const repository = createIdentityRepository({ call: caller() }, own, settings);
  return {
    capabilities: ['reactivate', 'lookup'],
    changeStatus: createChangeStatus({ repository }, own),
    lookup: createLookup({ repository }, own, mappings),
    endsDeaths: own.deathRoute !== 'packet',
    lostNumbers: own.givesLostNumber ? repository : undefined,
  };
}
