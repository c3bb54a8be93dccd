import { type Handler, jsonReply, type Route } from '../http/index.js';
import type { AcceptCallback, CallbackDoors } from '../national-id/index.js';

/** A credential is small; documents in it may not be. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** A notification names persons and no more. */
const MAX_NOTIFICATION_BYTES = 64 * 1024;

interface Deps<Door extends keyof CallbackDoors> {
  readonly doors: Pick<CallbackDoors, Door>;
  readonly acceptCallback: AcceptCallback;
}

/**
 * The door for the callbacks of every national ID system: who sent it is checked, it is stored, and answered at once; it is
 * opened later. Never answers 410, by which a hub would end the subscription (reference/mosip.md 3).
 */
export function callbackRoutes({ doors, acceptCallback }: Deps<'confirmIntent' | 'authenticate'>): Route[] {
  const confirm: Handler = async (request) => {
    const { status, body } = doors.confirmIntent(request.query);
    return { status, headers: { 'content-type': 'text/plain' }, body };
  };

  const receive: Handler = async (request) => {
    const { system, deliveryId } = doors.authenticate(request.headers, request.body);
    await acceptCallback(system, deliveryId, request.body);
    return jsonReply(200, { status: 'stored' });
  };

  const path = '/national-id/callback';
  return [
    { methods: ['get'], path, handler: confirm },
    {
      methods: ['post'],
      path,
      handler: receive,
      maxBodyBytes: MAX_BODY_BYTES,
      contentTypes: ['application/json'],
      rerunnable: true,
    },
  ];
}

/**
 * The door for the notifications of systems that sign nothing: below the address for callbacks, behind a secret. What is
 * to be looked into is stored first, what our subscription needs is done at once. Not found for whoever does not know it.
 */
export function notificationRoutes({ doors, acceptCallback }: Deps<'receive'>): Route[] {
  const receive: Handler = async ({ path, headers, body, signal }) => {
    const [, , , secret = ''] = path.split('/');
    const delivery = await doors.receive(secret, headers, body, signal);
    if (delivery !== undefined) await acceptCallback(delivery.system, delivery.deliveryId, body);
    return jsonReply(200, { status: delivery === undefined ? 'done' : 'stored' });
  };

  return [
    {
      methods: ['post'],
      path: '/national-id/callback/:secret',
      handler: receive,
      maxBodyBytes: MAX_NOTIFICATION_BYTES,
      contentTypes: ['application/json'],
    },
  ];
}
