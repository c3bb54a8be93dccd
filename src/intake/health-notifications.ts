import { parseJson } from '../errors/index.js';
import { type Handler, jsonReply, type Route } from '../http/index.js';
import { type HealthNotifications, parseNotification } from '../opencrvs/index.js';

/**
 * The door for birth and death notifications of health systems: checked, passed on to OpenCRVS and answered with its
 * tracking id. Nothing is stored here, the caller waits; it is not marked rerunnable, because OpenCRVS makes a new
 * record of every repetition.
 */
export function healthNotificationRoutes(
  notifications: HealthNotifications,
  options: { readonly maxBodyBytes: number },
): Route[] {
  const receive: Handler = async ({ body, signal }) => {
    const receipt = await notifications.send(parseNotification(parseJson(body)), signal);
    return jsonReply(201, receipt);
  };
  return [
    {
      methods: ['post'],
      path: '/opencrvs/notifications',
      guarded: true,
      handler: receive,
      maxBodyBytes: options.maxBodyBytes,
      contentTypes: ['application/json', 'application/fhir+json'],
    },
  ];
}
