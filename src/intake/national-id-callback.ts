import { type Handler, jsonReply, type Route } from '../http/index.js';
import type { CallbackDoor } from '../national-id/index.js';
import type { AcceptCallback } from '../vital-events/index.js';

/** A credential is small; documents in it may not be. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * The door for the national ID system's callbacks: who sent it is checked, it is stored, and answered at once; it is
 * opened later. Never answers 410, by which a hub would end the subscription (reference/mosip.md 3).
 */
export function callbackRoutes(deps: {
  readonly door: CallbackDoor;
  readonly acceptCallback: AcceptCallback;
}): Route[] {
  const { door, acceptCallback } = deps;

  const confirm: Handler = async (request) => {
    const { status, body } = door.confirmIntent(request.query);
    return { status, headers: { 'content-type': 'text/plain' }, body };
  };

  const receive: Handler = async (request) => {
    const { deliveryId } = door.authenticate(request.headers, request.body);
    await acceptCallback(deliveryId, request.body);
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
