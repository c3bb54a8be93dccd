import { toMediatorError } from '../../errors/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { Address, Person, VitalEvent } from '../../vital-events/index.js';
import type { Locations } from '../locations.js';

export interface PlaceNamesDeps {
  readonly locations: Pick<Locations, 'name'>;
  readonly log: Logger;
}

/** Inside the country, OpenCRVS writes districts and states as ids of its Locations (reference/opencrvs.md 4.4). */
const LOCATION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The event with the names of districts and states beside their ids. A name that cannot be had is left out: an event
 * does not wait for it. Without any new name the very same event is given back.
 */
export async function withPlaceNames({ locations, log }: PlaceNamesDeps, event: VitalEvent): Promise<VitalEvent> {
  let isChanged = false;

  const nameOf = async (id: string | undefined, known: string | undefined): Promise<string | undefined> => {
    if (known !== undefined || id === undefined || !LOCATION_ID.test(id)) return known;
    try {
      const name = await locations.name(id);
      if (name !== undefined) isChanged = true;
      return name;
    } catch (thrown) {
      log.debug(
        { event: 'locations.unread', peer: 'opencrvs-gateway', err: toMediatorError(thrown) },
        'a place has no name',
      );
      return undefined;
    }
  };

  const named = async (address: Address): Promise<Address> => {
    const districtName = await nameOf(address.district, address.districtName);
    const stateName = await nameOf(address.state, address.stateName);
    return {
      ...address,
      ...(districtName === undefined ? {} : { districtName }),
      ...(stateName === undefined ? {} : { stateName }),
    };
  };

  const livingAt = async <P extends Person | undefined>(person: P): Promise<P> =>
    person === undefined ? person : { ...person, addresses: await Promise.all(person.addresses.map(named)) };

  const { subject, mother, father, place } = event;
  const whole = {
    ...event,
    subject: await livingAt(subject),
    ...(mother === undefined ? {} : { mother: await livingAt(mother) }),
    ...(father === undefined ? {} : { father: await livingAt(father) }),
    ...(place?.address === undefined ? {} : { place: { ...place, address: await named(place.address) } }),
  };
  return isChanged ? whole : event;
}
