export { tokenFacts } from './admin-token.js';
export { createSystemClients, type SystemClientsOptions } from './create-system-clients.js';
export type {
  ClientAddress,
  ClientCredentials,
  ListedClient,
  NewClient,
  SystemClients,
} from './system-clients.js';
export { type OpenCrvsVersion, openCrvsVersion } from './version.js';
