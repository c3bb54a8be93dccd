import { type Handler, jsonReply, type Route } from '../http/index.js';
import type { AcceptCallback, CallbackDoors } from '../national-id/index.js';

/** A credential is small; documents in it may not be. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * The door for the callbacks of every national ID system: who sent it is checked, it is stored, and answered at once; it is
 * opened later. Never answers 410, by which a hub would end the subscription (reference/mosip.md 3).
 */
export function callbackRoutes(deps: {
  readonly doors: CallbackDoors;
  readonly acceptCallback: AcceptCallback;
}): Route[] {
  const { doors, acceptCallback } = deps;

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
