export {
  parseDelivery,
  readDelivery,
  WEBHOOK_TOPICS,
  type WebhookDelivery,
  type WebhookTopic,
} from './delivery.js';
export {
  createRegistrationRequestReader,
  type RegistrationRequestReader,
  readStoredToken,
  recordReplyAddress,
} from './opencrvs-mosip/index.js';
export { readRecord } from './record.js';
