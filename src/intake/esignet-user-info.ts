import { z } from 'zod';
import { MediatorError, parseJson } from '../errors/index.js';
import { type Handler, jsonReply, type Route } from '../http/index.js';
import type { ESignet } from '../national-id/index.js';
import type { TokenVerifier } from '../opencrvs/index.js';
import { ownOrOpenCrvs } from './bearer-guard.js';

export interface ESignetUserInfoDeps {
  /** Undefined where e-Signet is not configured. */
  readonly esignet: ESignet | undefined;
  readonly verifier: Pick<TokenVerifier, 'verify'> | undefined;
}

const Body = z.object({ clientId: z.string().min(1).max(256), redirectUri: z.string().min(1).max(2048) });
const Query = z.object({ code: z.string().min(1).max(2048) });

const MAX_BODY_BYTES = 16 * 1024;
/** For all three calls to e-Signet together: the form waits. */
const TIMEOUT_MS = 12_000;

/** The door of opencrvs/mosip for a form whose user has logged in at e-Signet (reference/opencrvs.md 5). */
export function esignetUserInfoRoutes({ esignet, verifier }: ESignetUserInfoDeps): Route[] {
  const handler: Handler = async (request) => {
    if (esignet === undefined) {
      throw new MediatorError('not_supported', { message: 'e-Signet is not configured in this deployment.' });
    }
    const query = Query.safeParse(request.query);
    if (!query.success) throw new MediatorError('request_invalid', { message: 'The query has no code.' });
    const body = Body.safeParse(parseJson(request.body));
    if (!body.success) throw new MediatorError('payload_invalid');
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    return jsonReply(200, await esignet.userInfo({ ...body.data, ...query.data }, signal));
  };

  return [
    {
      methods: ['post'],
      path: '/esignet/get-oidp-user-info',
      handler,
      guarded: ownOrOpenCrvs(verifier),
      maxBodyBytes: MAX_BODY_BYTES,
      contentTypes: ['application/json'],
    },
  ];
}
