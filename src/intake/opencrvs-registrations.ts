import { MediatorError, parseJson } from '../errors/index.js';
import { type Handler, jsonReply, type Route } from '../http/index.js';
import type { Registrations, TokenVerifier } from '../opencrvs/index.js';
import type { Accept } from '../vital-events/index.js';

export interface RegistrationDeps {
  readonly accept: Accept;
  /** Both are absent where the address of OpenCRVS's key is not configured: nobody is let in. */
  readonly verifier: TokenVerifier | undefined;
  readonly registrations: Registrations | undefined;
}

export interface RegistrationOptions {
  readonly maxBodyBytes: number;
}

/**
 * The door for registrations that OpenCRVS keeps open until they are answered: action triggers of 1.9 and later, and
 * the hook of 1.7 and 1.8, both as a country configuration forwards them (reference/opencrvs.md 4.7, 6). 202 tells
 * OpenCRVS to wait; it comes only after the event is stored, and with it the token by which it is answered. Whatever
 * else is answered reaches the registrar, who can try again: nothing here is to be sent again by OpenHIM.
 */
export function registrationRoutes(deps: RegistrationDeps, options: RegistrationOptions): Route[] {
  const { accept, verifier, registrations } = deps;

  const receive: Handler = async (request) => {
    if (verifier === undefined || registrations === undefined) throw new MediatorError('not_configured');
    const { authorization } = request.headers;
    const token = await verifier.verify(typeof authorization === 'string' ? authorization : undefined);
    const { reading, reply } = await registrations.read(parseJson(request.body), token);
    const raw = request.body.toString('utf8');
    const { id } = await accept({ reading, raw, transactionId: request.transactionId, reply });
    return jsonReply(202, { id });
  };

  return [
    {
      methods: ['post'],
      path: '/opencrvs/registrations',
      handler: receive,
      maxBodyBytes: options.maxBodyBytes,
      contentTypes: ['application/json'],
      outlivesAnswer: true,
    },
  ];
}
