export {
  parseDelivery,
  readDelivery,
  readRecord,
  WEBHOOK_TOPICS,
  type WebhookDelivery,
  type WebhookTopic,
} from './readers/index.js';
export { signWebhook, verifyWebhookSignature } from './signature.js';
export {
  createSubscription,
  type Subscription,
  type SubscriptionDeps,
  type SubscriptionOptions,
} from './subscription.js';
export { createSystemToken, type SystemTokenDeps } from './system-token.js';
export {
  createWriteBack,
  type Delivery,
  type DeliveryResult,
  type WriteBack,
  type WriteBackDeps,
  type WriteBackOptions,
} from './write-back/index.js';
