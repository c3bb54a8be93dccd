import { createPrivateKey, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { ESignetSettings } from '../../config/index.js';
import { MediatorError, toMediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundClient, type OutboundResponse, readJson } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { HealthCheck } from '../../telemetry/index.js';
import { createKeySet } from './key-set.js';
import { toUserInfo, type UserInfo, UserInfoClaims } from './user-info.js';

export interface ESignetDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  /** Told how each call ended. */
  readonly check: HealthCheck;
}

/** Somebody who has come back from e-Signet's log-in page. */
export interface LogIn {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

export interface ESignet {
  /**
   * Who has logged in. A code is good once.
   *
   * @throws MediatorError `request_invalid` for a code that e-Signet does not take, `national_id_misconfigured`,
   *   `peer_response_invalid` for user info that is not e-Signet's own, and what failed calls stand for
   */
  userInfo(logIn: LogIn, signal: AbortSignal): Promise<UserInfo>;
}

const TokenAnswer = z.object({ access_token: z.string().min(1) });
const TokenError = z.object({ error: z.string() });

/** Errors about the code; the rest of a 400 is about our client (RFC 6749 5.2, and e-Signet's own names). */
const OF_THE_CODE: ReadonlySet<string> = new Set([
  'invalid_grant',
  'invalid_code',
  'invalid_transaction',
  'invalid_redirect_uri',
]);

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Used at once: a short life is enough, and skew between the clocks is allowed for. */
const ASSERTION_SECONDS = 300;
const SKEW_SECONDS = 30;

function parsedError(response: OutboundResponse): string | undefined {
  try {
    return TokenError.safeParse(readJson(response)).data?.error;
  } catch {
    // No JSON: then no e-Signet wrote it.
    return undefined;
  }
}

/** e-Signet, by the authorization code flow with a client that signs its requests (reference/mosip.md 5). */
export function createESignet({ outbound, clock, check }: ESignetDeps, settings: ESignetSettings): ESignet {
  const { tokenUrl, userInfoUrl, keySetUrl } = settings;
  const clientKey = createPrivateKey(settings.clientKey);
  const keySet = createKeySet({ outbound, clock }, keySetUrl);
  const origins = [tokenUrl, userInfoUrl].map((url) => new URL(url).origin);
  const nowSeconds = (): number => Math.floor(clock.now() / 1000);

  const assertionOf = (clientId: string): string => {
    const issuedAt = nowSeconds();
    const claims = { iss: clientId, sub: clientId, aud: tokenUrl, jti: randomUUID() };
    const life = { iat: issuedAt, exp: issuedAt + ASSERTION_SECONDS };
    return jwt.sign({ ...claims, ...life }, clientKey, { algorithm: 'RS256' });
  };

  const fetchToken = async ({ code, clientId, redirectUri }: LogIn, signal: AbortSignal): Promise<string> => {
    const form = new URLSearchParams({
      code,
      client_id: clientId,
      // As it was registered: what the form has added to it does not count.
      redirect_uri: redirectUri.replace(/\?.*$/, ''),
      grant_type: 'authorization_code',
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: assertionOf(clientId),
    });
    const response = await outbound.send({
      peer: 'esignet',
      operation: 'exchange-code',
      isSecret: true,
      method: 'POST',
      url: tokenUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      signal,
    });
    if (response.status === 200) {
      const answer = TokenAnswer.safeParse(readJson(response));
      if (answer.success) return answer.data.access_token;
      throw new MediatorError('peer_response_invalid', { message: 'e-Signet gives no token.' });
    }
    if (OF_THE_CODE.has(parsedError(response) ?? '')) {
      throw new MediatorError('request_invalid', { message: 'e-Signet does not take this code.' });
    }
    const isOurs = response.status === 400 || response.status === 401 || response.status === 403;
    if (isOurs) throw new MediatorError('national_id_misconfigured', { message: 'e-Signet does not take our client.' });
    throw errorForStatus(response, clock.now()) ?? new MediatorError('peer_error');
  };

  const fetchUserInfo = async (token: string, signal: AbortSignal): Promise<string> => {
    const response = await outbound.send({
      peer: 'esignet',
      operation: 'user-info',
      method: 'GET',
      url: userInfoUrl,
      headers: { authorization: `Bearer ${token}`, accept: 'application/jwt' },
      signal,
    });
    if (response.status === 200) return Buffer.from(response.body).toString('utf8').trim();
    throw errorForStatus(response, clock.now()) ?? new MediatorError('peer_error');
  };

  /** Issuer and audience are not always there; where they are, they have to be right. */
  const isMeantForUs = ({ iss, aud }: UserInfoClaims, clientId: string): boolean => {
    const isOfESignet = iss === undefined || origins.some((origin) => iss === origin || iss.startsWith(`${origin}/`));
    return isOfESignet && (aud === undefined || [aud].flat().includes(clientId));
  };

  const readUserInfo = async (text: string, clientId: string, signal: AbortSignal): Promise<UserInfoClaims> => {
    const id = jwt.decode(text, { complete: true })?.header.kid;
    const key = await keySet.keyFor(id, signal);
    try {
      if (key === undefined) throw new Error('no key');
      const options = { algorithms: ['RS256' as const], clockTimestamp: nowSeconds(), clockTolerance: SKEW_SECONDS };
      const claims = UserInfoClaims.parse(jwt.verify(text, key, options));
      if (isMeantForUs(claims, clientId)) return claims;
    } catch {
      // Falls through: the errors of parsers quote what they parse.
    }
    throw new MediatorError('peer_response_invalid', {
      message: 'The user info is not one of e-Signet for our client.',
    });
  };

  return {
    async userInfo(logIn, signal) {
      try {
        const token = await fetchToken(logIn, signal);
        const text = await fetchUserInfo(token, signal);
        const claims = await readUserInfo(text, logIn.clientId, signal);
        check.report('ok');
        return toUserInfo(claims);
      } catch (thrown) {
        const error = toMediatorError(thrown);
        // A code that is used up says nothing about e-Signet.
        if (error.code !== 'request_invalid') check.report('degraded', error.message);
        throw error;
      }
    },
  };
}
