import { ERROR_CODES, type ErrorCode, type MediatorError } from '../errors/index.js';
import type { Reply } from '../http/index.js';
import type { IssueType } from '../national-id/index.js';

/** FHIR's word for our codes, where a nearer one exists than that of the disposition. */
const ISSUE_TYPES: Partial<Record<ErrorCode, IssueType>> = {
  headers_missing: 'required',
  json_invalid: 'structure',
  credentials_missing: 'login',
  credentials_invalid: 'login',
  credentials_throttled: 'throttled',
  signature_missing: 'security',
  signature_invalid: 'security',
  subscription_unknown: 'not-found',
  event_unknown: 'not-found',
  person_unknown: 'not-found',
  route_not_found: 'not-found',
  method_not_allowed: 'not-supported',
  media_type_unsupported: 'not-supported',
  not_acceptable: 'not-supported',
  precondition_failed: 'conflict',
  not_supported: 'not-supported',
  body_too_large: 'too-long',
  national_id_refused: 'processing',
  peer_timeout: 'timeout',
  peer_circuit_open: 'throttled',
  peer_response_invalid: 'exception',
  peer_response_too_large: 'too-long',
  peer_error: 'exception',
  mapping_timeout: 'timeout',
  outcome_unknown: 'incomplete',
  answer_deadline_passed: 'timeout',
  waits_for_earlier: 'conflict',
};

const BY_DISPOSITION = { refused: 'invalid', retry: 'transient', operator: 'exception' } as const;

export interface OperationOutcome {
  readonly resourceType: 'OperationOutcome';
  readonly [member: string]: unknown;
}

/**
 * An error as FHIR R4 OperationOutcome. The text is the error's own, which is safe by rule; the correlation id goes in an
 * extension, so that a caller can name the request to an operator.
 */
export function operationOutcome(error: MediatorError, correlationId: string): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    extension: [{ url: 'urn:national-id-mediator:correlation-id', valueString: correlationId }],
    issue: [
      {
        severity: error.code === 'internal_error' ? 'fatal' : 'error',
        code: ISSUE_TYPES[error.code] ?? BY_DISPOSITION[error.disposition],
        details: {
          coding: [{ system: 'urn:national-id-mediator:error-code', code: error.code }],
          text: ERROR_CODES[error.code].title,
        },
        diagnostics: error.message,
      },
    ],
  };
}

/** The same as a reply. */
export function outcomeReply(error: MediatorError, correlationId: string): Reply {
  const { retryAfterMs } = error;
  return {
    status: error.status,
    headers: {
      'content-type': 'application/fhir+json',
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
    },
    body: JSON.stringify(operationOutcome(error, correlationId)),
  };
}
