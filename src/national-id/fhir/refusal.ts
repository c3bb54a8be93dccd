import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundResponse } from '../../outbound/index.js';
import type { Outcome } from '../../vital-events/index.js';
import type { IssueType } from './issue-type.js';
import { OperationOutcome } from './resources.js';

export type Refused = Extract<Outcome, { result: 'refused' }>;

/** A refusal whose words are ours: nothing of the server's text is taken over. */
export function refused(code: string, reason: string): Refused {
  return { result: 'refused', code, reason };
}

export const MULTIPLE_MATCHES = refused('MULTIPLE_MATCHES', 'Several persons at the FHIR server match.');
export const PERSON_NOT_FOUND = refused('PERSON_NOT_FOUND', 'No person at the FHIR server matches.');

function firstIssue(response: OutboundResponse): IssueType | undefined {
  try {
    const body: unknown = JSON.parse(Buffer.from(response.body).toString('utf8'));
    return OperationOutcome.safeParse(body).data?.issue[0]?.code;
  } catch {
    // Not JSON: then no FHIR server wrote it, and the status alone decides.
    return undefined;
  }
}

/**
 * Judges an answer that is not a success (reference/mosip.md 7.2): 400, 404 and 422 are for good, with the issue's code
 * as the refusal's code. A 404 that no FHIR server wrote means a wrong address instead.
 *
 * @throws MediatorError for every other status: `retry` codes for 401, 408, 409, 429 and 5xx (with `Retry-After`),
 *   `peer_misconfigured` and `national_id_misconfigured` where our settings are wrong
 */
export function refusalOf(response: OutboundResponse, nowMs: number): Refused {
  const { status } = response;
  const issue = firstIssue(response);
  if (status === 400 || status === 422 || (status === 404 && issue !== undefined)) {
    return refused(issue ?? 'processing', `The FHIR server refused the data (HTTP ${status}).`);
  }
  const message = `The FHIR server answered HTTP ${status}.`;
  throw (
    errorForStatus(response, nowMs) ??
    new MediatorError(status === 409 ? 'peer_error' : 'national_id_misconfigured', { message })
  );
}
