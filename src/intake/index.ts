export { callbackRoutes } from './national-id-callback.js';
export { webhookRoutes } from './opencrvs-webhooks.js';
export { verificationRoutes } from './verification.js';
