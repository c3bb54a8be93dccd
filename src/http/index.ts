export { createApp } from './app.js';
export { healthRoutes } from './health-routes.js';
export { createCredentialCheck, type InboundCredentials } from './inbound-auth.js';
export { type Listener, listen } from './listener.js';
export { type Handler, type InboundRequest, jsonReply, type Reply } from './reply.js';
export type { BearerGuard, ErrorRenderer, HeadGuard, Method, Route } from './route.js';
