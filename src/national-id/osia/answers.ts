import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundResponse, readJson } from '../../outbound/index.js';
import type { Outcome } from '../../vital-events/index.js';

export type Refused = Extract<Outcome, { result: 'refused' }>;

/** A refusal whose words are ours: nothing of the system's text is taken over. */
export function refused(code: string, reason: string): Refused {
  return { result: 'refused', code, reason };
}

export const MULTIPLE_MATCHES = refused('MULTIPLE_MATCHES', 'Several persons have this registration number.');
export const PERSON_NOT_FOUND = refused('PERSON_NOT_FOUND', 'The population registry does not know the person.');

/** OSIA's error, the same in all interfaces; its message may quote data and is not read (reference/mosip.md 7.1). */
export const OsiaError = z.object({ code: z.int(), message: z.string() });

/** The code of OSIA's error, where the body is one. */
export function errorCode(response: OutboundResponse): number | undefined {
  try {
    return OsiaError.safeParse(JSON.parse(Buffer.from(response.body).toString('utf8'))).data?.code;
  } catch {
    // No JSON: then a proxy wrote it, and the status alone tells.
    return undefined;
  }
}

/**
 * The body of a success.
 *
 * @throws MediatorError `peer_error` for an error that came with a success status, `peer_response_invalid`
 */
export function readAnswer<T extends z.ZodType>(schema: T, response: OutboundResponse): z.output<T> {
  const parsed = schema.safeParse(readJson(response));
  if (parsed.success) return parsed.data;
  const code = errorCode(response);
  if (code !== undefined) throw new MediatorError('peer_error', { message: `The OSIA system answered error ${code}.` });
  throw new MediatorError('peer_response_invalid');
}

/** The error that an answer stands for which is neither a success nor foreseen by its caller. */
export function errorOf(response: OutboundResponse, nowMs: number): MediatorError {
  const { status } = response;
  const hint = status === 403 ? ': our token lacks the scope' : '';
  return (
    errorForStatus(response, nowMs) ??
    new MediatorError('national_id_misconfigured', { message: `The OSIA system answered HTTP ${status}${hint}.` })
  );
}

/**
 * Judges an answer to data that we sent: a 400 refuses it for good, with the code of OSIA's error.
 *
 * @throws MediatorError for every other status
 */
export function refusalOf(response: OutboundResponse, nowMs: number): Refused {
  if (response.status !== 400) throw errorOf(response, nowMs);
  return refused(`OSIA_${errorCode(response) ?? 'ERROR'}`, 'The OSIA system refused the data (HTTP 400).');
}
