export {
  parseDelivery,
  readDelivery,
  WEBHOOK_TOPICS,
  type WebhookDelivery,
  type WebhookTopic,
} from './delivery.js';
export { readRecord } from './record.js';
