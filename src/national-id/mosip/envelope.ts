import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundResponse, readJson } from '../../outbound/index.js';
import { type Clock, isoNow } from '../../runtime/index.js';

/** What every MOSIP service is sent (reference/mosip.md 1.4), as JSON text. */
export function envelopeText(clock: Clock, call: { id: string; version: string; request: unknown }): string {
  const { id, version, request } = call;
  return JSON.stringify({ id, version, requesttime: isoNow(clock), metadata: {}, request });
}

/** MOSIP's codes have this form; anything else in their place is not repeated in our messages. */
const CODE = /^[A-Z]{2,5}(-[A-Z0-9]{2,5}){1,2}$/;

const Answer = z.object({
  response: z.unknown().optional(),
  errors: z.array(z.object({ errorCode: z.string() })).nullish(),
});

export interface EnvelopeAnswer {
  readonly content: unknown;
  /** Empty when the service reports none; unreadable codes are `UNKNOWN`. */
  readonly errorCodes: readonly string[];
}

/**
 * Opens the answer of a MOSIP service. Most failures come with HTTP 200 and `errors`: the status alone proves nothing.
 *
 * @throws MediatorError by status, or `peer_response_invalid` when it is no envelope
 */
export function readEnvelope(response: OutboundResponse, nowMs: number): EnvelopeAnswer {
  const failure = errorForStatus(response, nowMs) ?? errorForOtherStatus(response.status);
  if (failure !== undefined) throw failure;
  const parsed = Answer.safeParse(readJson(response));
  if (!parsed.success) throw new MediatorError('peer_response_invalid');
  const codes = parsed.data.errors?.map(({ errorCode }) => (CODE.test(errorCode) ? errorCode : 'UNKNOWN'));
  return { content: parsed.data.response, errorCodes: codes ?? [] };
}

/** MOSIP's services use no 4xx but 401 and 403; others come from a proxy before them and may pass. */
function errorForOtherStatus(status: number): MediatorError | undefined {
  if (status < 300) return undefined;
  const message = `The peer answered HTTP ${status}.`;
  return new MediatorError(status === 403 ? 'peer_unauthorized' : 'peer_error', { message });
}
