import { json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import type { OsiaNotification } from './osia-notification.js';
import { empty, error, type OsiaRoute } from './osia-route.js';

/** The operations of OSIA's notification interface (notification.yaml 1.2) that publishers and subscribers use. */
export function notificationRoutes(notification: OsiaNotification): readonly OsiaRoute[] {
  const publish = ([uuid = '']: readonly string[], request: ReceivedRequest): PeerReply => {
    if (request.headers['content-type'] !== 'plain/text') return error(400, 7, request);
    const subject = request.query.get('subject') ?? undefined;
    const fault = notification.publish(uuid, subject, request.body.toString('utf8'));
    if (fault === 'no-topic') return empty(404);
    return fault === undefined ? empty(200) : error(400, 8, request);
  };

  const subscribe = (_ids: readonly string[], request: ReceivedRequest): PeerReply => {
    const { query } = request;
    const address = query.get('address') ?? '';
    const policy = query.get('policy') ?? undefined;
    const isSound = (query.get('protocol') ?? 'http') === 'http' && URL.canParse(address);
    if (!isSound || (policy !== undefined && !/^\d+,-?\d+$/.test(policy))) return error(400, 9, request);
    const subscription = notification.subscribe(query.get('topic') ?? '', address, policy);
    return subscription === undefined ? error(400, 10, request) : json(subscription);
  };

  const confirm = (_ids: readonly string[], request: ReceivedRequest): PeerReply =>
    notification.confirm(request.query.get('token') ?? '') ? empty(200) : error(400, 11, request);

  return [
    {
      method: 'POST',
      path: /^\/v1\/subscriptions$/,
      scope: 'notif.sub.write',
      query: ['topic!', 'protocol', 'address!', 'policy'],
      work: subscribe,
    },
    {
      method: 'GET',
      path: /^\/v1\/subscriptions$/,
      scope: 'notif.sub.read',
      query: [],
      work: () => json(notification.subscriptions),
    },
    {
      method: 'GET',
      path: /^\/v1\/subscriptions\/confirm$/,
      scope: 'notif.sub.write',
      query: ['token!'],
      work: confirm,
    },
    {
      method: 'POST',
      path: /^\/v1\/topics$/,
      scope: 'notif.topic.write',
      query: ['name!'],
      work: (_ids, { query }) => json(notification.topic(query.get('name') ?? '')),
    },
    {
      method: 'POST',
      path: /^\/v1\/topics\/([^/]+)\/publish$/,
      scope: 'notif.topic.publish',
      query: ['subject'],
      work: publish,
    },
  ];
}
