export { esignetUserInfoRoutes } from './esignet-user-info.js';
export { healthNotificationRoutes } from './health-notifications.js';
export { type IntakeDeps, intakeRoutes } from './intake-routes.js';
export { callbackRoutes } from './national-id-callback.js';
export { opencrvsMosipCallbackRoutes, opencrvsMosipRoutes } from './opencrvs-mosip-client.js';
export { registrationRoutes } from './opencrvs-registrations.js';
export { webhookRoutes } from './opencrvs-webhooks.js';
export { verificationRoutes } from './verification.js';
