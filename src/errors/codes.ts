/**
 * What may be done about an error, decided where it is born:
 * `retry` the same call may go through later, `refused` the data or the request is wrong and stays wrong,
 * `operator` a person has to change something first.
 */
export type Disposition = 'retry' | 'refused' | 'operator';

interface CodeFacts {
  readonly disposition: Disposition;
  /** HTTP status given to a caller who waits for the answer. */
  readonly status: number;
  /** Fixed sentence for people: never holds data of a call. */
  readonly title: string;
}

const facts = (disposition: Disposition, status: number, title: string): CodeFacts => ({ disposition, status, title });

/** The closed set of error codes. `docs/errors.md` is written from it (`npm run docs:generate`). */
export const ERROR_CODES = {
  // A caller's request is wrong.
  headers_missing: facts('refused', 400, 'A required header is missing.'),
  url_invalid: facts('refused', 400, 'The address cannot be decoded.'),
  request_invalid: facts('refused', 400, 'The request is not valid.'),
  json_invalid: facts('refused', 400, 'The body is not valid JSON.'),
  payload_invalid: facts('refused', 422, 'The body does not have the expected shape.'),
  credentials_missing: facts('refused', 401, 'Credentials are required.'),
  credentials_invalid: facts('refused', 401, 'The credentials are wrong.'),
  credentials_throttled: facts('refused', 429, 'Too many wrong credentials came from this address.'),
  cross_origin_refused: facts('refused', 403, 'A page of another site may not do this.'),
  signature_missing: facts('refused', 401, 'The signature header is missing.'),
  signature_invalid: facts('refused', 401, 'The signature does not match the body.'),
  subscription_unknown: facts('refused', 404, 'No pending or known subscription has this topic.'),
  event_unknown: facts('refused', 404, 'There is no such event.'),
  person_unknown: facts('refused', 404, 'There is no such person.'),
  route_not_found: facts('refused', 404, 'There is no such route.'),
  method_not_allowed: facts('refused', 405, 'The route does not take this method.'),
  not_acceptable: facts('refused', 406, 'There is no answer of the kind that is asked for.'),
  action_not_allowed: facts('refused', 409, 'The event does not allow this now.'),
  precondition_failed: facts('refused', 412, 'It has changed since the caller read it.'),
  body_too_large: facts('refused', 413, 'The body is larger than allowed.'),
  media_type_unsupported: facts('refused', 415, 'The content type is not supported.'),
  not_supported: facts('refused', 501, 'The configured national ID system cannot do this.'),

  // We cannot take the request now, or have failed.
  store_unavailable: facts('retry', 503, 'The event store cannot be written at the moment.'),
  shutting_down: facts('retry', 503, 'The service is stopping.'),
  not_configured: facts('operator', 503, 'This route is not configured in this deployment.'),
  internal_error: facts('operator', 500, 'An unexpected error occurred.'),

  // A call to a peer did not give a usable answer.
  peer_unreachable: facts('retry', 502, 'The peer cannot be reached.'),
  peer_certificate_invalid: facts('retry', 502, 'The certificate of the peer is not trusted.'),
  peer_timeout: facts('retry', 504, 'The peer did not answer in time.'),
  peer_unavailable: facts('retry', 503, 'The peer says that it is not available.'),
  peer_circuit_open: facts('retry', 503, 'The peer failed repeatedly; calls to it are paused.'),
  peer_response_invalid: facts('retry', 502, 'The answer of the peer cannot be understood.'),
  peer_response_too_large: facts('operator', 502, 'The answer of the peer is larger than allowed.'),
  peer_error: facts('retry', 502, 'The peer answered with an error of its own.'),
  peer_unauthorized: facts('retry', 502, 'The peer does not accept our credentials.'),
  peer_misconfigured: facts('operator', 502, 'The peer answers as if our settings for it were wrong.'),
  peer_quota_used: facts('retry', 503, 'The peer takes no more calls of this kind today.'),
  call_cancelled: facts('retry', 503, 'The call to the peer was ended by us before its answer came.'),

  // The life of an event.
  event_unreadable: facts('operator', 422, 'The event cannot be understood.'),
  registration_number_missing: facts('operator', 422, 'The event carries no registration number.'),
  mapping_failed: facts('operator', 500, 'A mapping failed.'),
  mapping_timeout: facts('operator', 500, 'A mapping took too long.'),
  national_id_refused: facts('refused', 422, 'The national ID system refused the data.'),
  national_id_misconfigured: facts('operator', 502, 'The national ID system refuses our configuration.'),
  outcome_unknown: facts('operator', 502, 'It is not known whether the national ID system took the event.'),
  answer_deadline_passed: facts('operator', 504, 'The national ID system gave no answer before the deadline.'),
  retries_exhausted: facts('operator', 502, 'The step failed for too long.'),
  waits_for_earlier: facts('operator', 409, 'An earlier event of the same person is stuck.'),
  credential_unreadable: facts('operator', 422, 'The credential cannot be read.'),
  write_back_refused: facts('operator', 502, 'OpenCRVS refused the outcome for good.'),
  not_eligible: facts('refused', 422, 'By the configured rule the event does not go to the national ID system.'),
  decision_needed: facts('operator', 409, 'The configured rule leaves this event to a person.'),
  reply_expired: facts('operator', 504, 'OpenCRVS no longer takes an answer to this action.'),
  payload_lost: facts('operator', 500, 'The stored data of the event cannot be decrypted.'),

  // Start.
  settings_invalid: facts('operator', 500, 'The settings are not valid.'),
  store_locked: facts('operator', 500, 'Another process uses the data folder.'),
} as const satisfies Record<string, CodeFacts>;

export type ErrorCode = keyof typeof ERROR_CODES;
