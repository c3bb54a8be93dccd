export { type ConsoleMemory, type ConsoleSettings, createConsoleSettings } from './console-settings.js';
export { readConsoleValues } from './console-values.js';
export { type CoreAnswer, type CoreApi, type CoreCredentials, createCoreApi } from './core-api.js';
export { type CoreConnection, type CoreConnectionDeps, createCoreConnection } from './core-connection.js';
export { ENVELOPE_CONTENT_TYPE, type EnvelopedReply, type EnvelopeInput, toEnvelope } from './envelope.js';
export { inspectChannels, inspectMediator, type MediatorStanding } from './inspect.js';
export {
  loadMediatorConfig,
  MEDIATOR_FILE,
  type MediatorConfig,
  type MediatorRouting,
  routingTo,
} from './mediator-config.js';
export { clientPassword } from './setup/ensure-client.js';
export { USER_PASSWORD } from './setup/ensure-user.js';
export { setUpOpenHim } from './setup/set-up.js';
export type { Change, ClientWanted, CredentialsCheck, Passwords } from './setup/setup-types.js';
export { createTransactions, type TransactionEnd, type Transactions } from './transactions.js';
