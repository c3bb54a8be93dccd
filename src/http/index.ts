export { type Handler, type InboundRequest, jsonReply, type Reply } from './reply.js';
