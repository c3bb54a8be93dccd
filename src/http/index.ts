export { createApp } from './app.js';
export { healthRoutes } from './health-routes.js';
export { type Listener, listen } from './listener.js';
export { type Handler, type InboundRequest, jsonReply, type Reply } from './reply.js';
export type { ErrorRenderer, Method, Route } from './route.js';
