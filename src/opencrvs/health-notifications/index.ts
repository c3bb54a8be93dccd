export {
  createHealthNotifications,
  type HealthNotifications,
  type HealthNotificationsDeps,
  type NotificationReceipt,
} from './health-notifications.js';
export { parseNotification } from './notification.js';
