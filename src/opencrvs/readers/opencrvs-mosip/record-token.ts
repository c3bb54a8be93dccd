import jwt from 'jsonwebtoken';
import type { ReplyAddress } from '../../../vital-events/index.js';
import { eventsReplyAddress, graphqlReplyAddress } from '../../replies.js';
import { Claims, type VerifiedToken } from '../../token-verifier.js';

/** Reads a token that another service verified when it came; undefined when it is none of OpenCRVS. */
export function readStoredToken(token: string): VerifiedToken | undefined {
  const claims = Claims.safeParse(jwt.decode(token));
  return claims.success ? { token, claims: claims.data } : undefined;
}

/**
 * Where the answer to a registration goes, as told by the single-record token that came with it
 * (reference/opencrvs.md 2.2): to an action (1.9, 2.x) or to a record (1.7, 1.8). Undefined for any other token.
 */
export function recordReplyAddress(verified: VerifiedToken, registrationNumber: string): ReplyAddress | undefined {
  const { eventId, actionId, recordId } = verified.claims;
  if (eventId !== undefined && actionId !== undefined) {
    return eventsReplyAddress(verified, { eventId, actionId, action: 'REGISTER', registrationNumber });
  }
  return recordId === undefined ? undefined : graphqlReplyAddress(verified, recordId);
}
