export { createWriteBack, type WriteBackDeps, type WriteBackOptions } from './create-write-back.js';
export type { Delivery, DeliveryResult, WriteBack } from './port.js';
