export { createOpenCrvs, type OpenCrvs, type OpenCrvsDeps, SUBSCRIBED_TOPICS } from './create-opencrvs.js';
export { createEventReads, type EventReads, type EventReadsDeps } from './event-reads.js';
export { createExportedRecords, type ExportedRecords } from './exported-records.js';
export { createFhirReads, type FhirReads, type FhirReadsDeps } from './fhir-reads.js';
export {
  createHealthNotifications,
  type HealthNotifications,
  type HealthNotificationsDeps,
  type NotificationReceipt,
  parseNotification,
} from './health-notifications/index.js';
export { createLocations, type Locations, type LocationsDeps, type LocationsOptions } from './locations.js';
export {
  createRegistrationRequestReader,
  parseDelivery,
  type RegistrationRequestReader,
  readDelivery,
  readRecord,
  readStoredToken,
  recordReplyAddress,
  WEBHOOK_TOPICS,
  type WebhookDelivery,
  type WebhookTopic,
} from './readers/index.js';
export {
  createRecordReader,
  fromEventDocument,
  fromFhirStore,
  fromRecordSearch,
  type PartsSource,
  type RecordReader,
  type RecordReaderDeps,
  type RecordReaderOptions,
} from './record-reader/index.js';
export { createRecordSearch, type RecordSearch, type RecordSearchDeps } from './record-search/index.js';
export {
  dayOf,
  type FoundRegistration,
  type ListedRegistration,
  type RegistrationList,
  type RegistrationPage,
  type RegistrationSource,
} from './registration-list.js';
export { createRegistrations, type OpenRequest, type Registrations } from './registrations.js';
export { EventsReply, eventsReplyAddress, GraphqlReply, graphqlReplyAddress, ReplyTo } from './replies.js';
export { signWebhook, verifyWebhookSignature } from './signature.js';
export {
  createSignatureWatch,
  type SignatureWatch,
  type SignatureWatchDeps,
  type SignatureWatchOptions,
} from './signature-watch.js';
export {
  createSubscription,
  type Subscription,
  type SubscriptionDeps,
  type SubscriptionOptions,
} from './subscription.js';
export {
  type ClientAddress,
  type ClientCredentials,
  createSystemClients,
  type ListedClient,
  type NewClient,
  type OpenCrvsVersion,
  openCrvsVersion,
  type SystemClients,
  tokenFacts,
} from './system-clients/index.js';
export { createSystemToken, type SystemTokenDeps, type SystemTokenOptions } from './system-token.js';
export {
  createTokenVerifier,
  fetchTokenKey,
  type TokenVerifier,
  type TokenVerifierDeps,
  type TokenVerifierOptions,
  type VerifiedToken,
} from './token-verifier.js';
export { createWebhooksClient, type ListedSubscription, type WebhooksClient } from './webhooks-client.js';
export {
  createWriteBack,
  type Delivery,
  type DeliveryResult,
  type WriteBack,
  type WriteBackDeps,
  type WriteBackOptions,
} from './write-back/index.js';
