import type { OsiaSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { PopulationRegistry, Transaction } from './population-registry.js';

/** Who was registered under a number of civil registration. */
export interface Registrations {
  /** The one person of this registration; `several` where there are more. @throws MediatorError as `mustBear` does */
  find(registrationNumber: string, transaction: Transaction): Promise<string | 'several' | undefined>;
  /**
   * Somebody else's number must never be handed on, nor somebody else's state changed.
   *
   * @throws MediatorError `national_id_misconfigured` where identities are there and none is of this registration
   */
  mustBear(personId: string, registrationNumber: string, transaction: Transaction): Promise<void>;
}

/** Looks for the attribute under which the mapping of a birth puts the number. */
export function createRegistrations(
  registry: PopulationRegistry,
  { registrationAttribute: attributeName }: Pick<OsiaSettings, 'registrationAttribute'>,
): Registrations {
  const mustBear: Registrations['mustBear'] = async (personId, registrationNumber, transaction) => {
    const identities = await registry.readIdentities(personId, transaction);
    // A person without an identity is one whose entry broke off.
    if (identities.length === 0 || identities.some((data) => data[attributeName] === registrationNumber)) return;
    throw new MediatorError('national_id_misconfigured', {
      message: 'The OSIA system gave the number of another person.',
    });
  };

  return {
    mustBear,
    async find(registrationNumber, transaction) {
      const criteria = [{ attributeName, operator: '=', value: registrationNumber }] as const;
      const [found, ...others] = await registry.find(criteria, 2, transaction);
      if (others.length > 0) return 'several';
      // A registry that ignores the criteria would answer with anybody.
      if (found !== undefined) await mustBear(found, registrationNumber, transaction);
      return found;
    },
  };
}
