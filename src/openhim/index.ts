export { type ConsoleSettings, readConsoleSettings } from './console-settings.js';
export { type CoreConnection, type CoreConnectionDeps, createCoreConnection } from './core-connection.js';
export { ENVELOPE_CONTENT_TYPE, type EnvelopedReply, type EnvelopeInput, toEnvelope } from './envelope.js';
export { loadMediatorConfig, type MediatorConfig, type MediatorRouting } from './mediator-config.js';
