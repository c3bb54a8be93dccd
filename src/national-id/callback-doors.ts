import { MediatorError } from '../errors/index.js';
import type { CallbackDoor, CallbackDoors, NationalIdSystem } from './port.js';

/**
 * The doors of several systems at one address: each is tried in turn, and the sender belongs to the first that knows it.
 * Where none does, the error is that of the first. Without any door the address does not exist.
 */
export function createCallbackDoors(systems: () => readonly NationalIdSystem[]): CallbackDoors {
  const firstOf = <T>(attempt: (door: CallbackDoor, system: NationalIdSystem) => T): T => {
    let refusal: MediatorError | undefined;
    for (const system of systems()) {
      if (system.callback === undefined) continue;
      try {
        return attempt(system.callback, system);
      } catch (thrown) {
        if (!(thrown instanceof MediatorError)) throw thrown;
        refusal ??= thrown;
      }
    }
    throw refusal ?? new MediatorError('route_not_found');
  };

  return {
    async receive(secret, ...given) {
      const system = systems().find(({ notifications }) => notifications?.isSecret(secret));
      if (system?.notifications === undefined) throw new MediatorError('route_not_found');
      const delivery = await system.notifications.receive(...given);
      return delivery && { system: system.name, ...delivery };
    },
    confirmIntent: (query) => firstOf((door) => door.confirmIntent(query)),
    authenticate: (headers, rawBody) =>
      firstOf((door, { name: system }) => ({ system, ...door.authenticate(headers, rawBody) })),
  };
}
