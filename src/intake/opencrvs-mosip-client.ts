import { MediatorError, parseJson } from '../errors/index.js';
import { type Handler, type InboundRequest, jsonReply, type Route } from '../http/index.js';
import { type RegistrationRequestReader, recordReplyAddress, type TokenVerifier } from '../opencrvs/index.js';
import type { Accept } from '../vital-events/index.js';
import { callbackRoutes } from './national-id-callback.js';

export interface OpencrvsMosipDeps {
  readonly accept: Accept;
  /** Absent where OpenCRVS's key cannot be had: nobody passes then. */
  readonly verifier: Pick<TokenVerifier, 'verify'> | undefined;
  readonly reader: RegistrationRequestReader;
}

export interface OpencrvsMosipOptions {
  readonly maxBodyBytes: number;
}

/**
 * The doors of opencrvs/mosip for a country configuration (reference/mosip.md 1.1): the same paths, the same token of
 * the record, the same `202 {}`. A registration is answered only after it is stored; whatever else is answered reaches
 * the registrar, who can try again.
 */
export function opencrvsMosipRoutes(deps: OpencrvsMosipDeps, options: OpencrvsMosipOptions): Route[] {
  const verify = async ({ headers }: InboundRequest) => {
    if (deps.verifier === undefined) throw new MediatorError('not_configured');
    const { authorization } = headers;
    return deps.verifier.verify(typeof authorization === 'string' ? authorization : undefined);
  };

  const register: Handler = async (request) => {
    const verified = await verify(request);
    const event = await deps.reader.read(parseJson(request.body));
    const reply = recordReplyAddress(verified, event.registrationNumber);
    if (reply === undefined) {
      const message = 'The token is not for one record: it names neither eventId and actionId nor recordId.';
      throw new MediatorError('credentials_invalid', { message });
    }
    const raw = request.body.toString('utf8');
    await deps.accept({ reading: { ok: true, event }, raw, transactionId: request.transactionId, reply });
    return jsonReply(202, {});
  };

  const door = { methods: ['post'], maxBodyBytes: options.maxBodyBytes, contentTypes: ['application/json'] } as const;
  return [{ ...door, path: '/events/registration', handler: register, outlivesAnswer: true }];
}

/**
 * The door for callbacks at the address that opencrvs/mosip gave to the hub: a hub refuses to subscribe the same topic
 * and address again (reference/mosip.md 3), so one that was subscribed there goes on delivering there.
 */
export function opencrvsMosipCallbackRoutes(deps: Parameters<typeof callbackRoutes>[0]): Route[] {
  return callbackRoutes(deps).map((route) => ({ ...route, path: '/websub/callback' }));
}
