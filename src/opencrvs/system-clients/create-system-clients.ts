import { MediatorError } from '../../errors/index.js';
import { serviceUrl } from '../../outbound/index.js';
import { type CallerDeps, type CallerOptions, createCaller } from './caller.js';
import { createGatewaySystemClients } from './gateway-mutations.js';
import { createIntegrations } from './integrations.js';
import type { ClientAddress, SystemClients } from './system-clients.js';
import { createOldestSystemClients, createSystemClientsOfUserMgnt } from './user-management.js';
import type { ClientApi } from './version.js';

export interface SystemClientsOptions extends CallerOptions {
  readonly address: ClientAddress;
}

/** The ways to the calls of each kind: 1.0 and 1.1 have no mutations, 2.x has no user-mgnt. */
const WAYS: Record<ClientApi, readonly ClientAddress['by'][]> = {
  'system-clients': ['user-mgnt'],
  systems: ['user-mgnt', 'gateway'],
  integrations: ['events', 'gateway'],
};

/**
 * The system clients of an OpenCRVS of any version, see {@link SystemClients}.
 *
 * @throws MediatorError `request_invalid` where the version cannot be reached in this way
 */
export function createSystemClients(deps: CallerDeps, options: SystemClientsOptions): SystemClients {
  const { version, address } = options;
  const ways = WAYS[version.api];
  if (!ways.includes(address.by)) {
    throw new MediatorError('request_invalid', {
      message: `With OpenCRVS ${version.text} the address is ${ways.map((way) => `--${way} URL`).join(' or ')}.`,
    });
  }
  const caller = createCaller(deps, options);
  const { url } = address;
  switch (version.api) {
    case 'system-clients':
      return createOldestSystemClients(caller, { url, version });
    case 'systems':
      return address.by === 'gateway'
        ? createGatewaySystemClients(caller, { url, version })
        : createSystemClientsOfUserMgnt(caller, { url, version });
    case 'integrations':
      return createIntegrations(caller, {
        url: address.by === 'gateway' ? serviceUrl(url, '/events') : url,
        version,
      });
  }
}
