import type { ErrorCode } from './codes.js';

/** An error code in the words of a registrar's office: why things stand still, and what to do about it. */
export interface Explanation {
  readonly why: string;
  readonly todo: string;
}

const explain = (why: string, todo: string): Explanation => ({ why, todo });

const BY_ITSELF = 'Nothing now: it is tried again by itself. If this lasts, tell the people who run the mediator.';
const CALLER = 'The people who run the system that sent it have to correct it.';
const ADMINISTRATOR = 'Tell the people who run the mediator. Once they have corrected it, try again.';
const ASK_AGAIN = 'Look at it again, then repeat the command if it is still needed.';

/** Every code has its words: shown by the operator API, the `events` commands and `docs/errors.md`. */
export const EXPLANATIONS: Readonly<Record<ErrorCode, Explanation>> = {
  headers_missing: explain('The request lacks a header that it must have.', CALLER),
  url_invalid: explain('The address of the request cannot be read.', CALLER),
  request_invalid: explain('The request is not one that the mediator knows.', CALLER),
  json_invalid: explain('What was sent is not valid JSON.', CALLER),
  payload_invalid: explain('What was sent does not have the form that was expected.', CALLER),
  credentials_missing: explain('No user and password were given.', 'Give the user and the password of the operator.'),
  credentials_invalid: explain('The user or the password is wrong.', 'Ask the people who run the mediator for them.'),
  credentials_throttled: explain(
    'A wrong user or password came from your address too often.',
    'Wait a few seconds, then give the right one.',
  ),
  cross_origin_refused: explain(
    'Another website tried to act in your name.',
    'Act from the operator page of the mediator itself, or by the command line.',
  ),
  signature_missing: explain('The delivery is not signed.', CALLER),
  signature_invalid: explain(
    'The signature of the delivery does not fit: the secret was changed on one side.',
    'The people who run the mediator have to set the secret of OpenCRVS anew.',
  ),
  subscription_unknown: explain('Nobody here asked for this delivery.', CALLER),
  event_unknown: explain(
    'The mediator knows no event by this number.',
    'Check the number. If it is right, the registration never arrived: find it in OpenCRVS, or have a reconciliation bring it.',
  ),
  person_unknown: explain('The national ID system knows no such person.', CALLER),
  not_acceptable: explain('The answer was asked for in a format that is not made.', CALLER),
  precondition_failed: explain('The record has changed since it was read.', CALLER),
  action_not_allowed: explain('The event has moved on, or something else has to be done first.', ASK_AGAIN),
  route_not_found: explain('The mediator has no such address.', CALLER),
  method_not_allowed: explain('The address does not take this kind of request.', CALLER),
  body_too_large: explain('What was sent is too large.', CALLER),
  media_type_unsupported: explain('What was sent is in a format that is not taken.', CALLER),
  not_supported: explain(
    'The national ID system cannot do what this event asks for.',
    'Have it done by hand in the national ID system, then close the event and say so.',
  ),

  store_unavailable: explain('The database of the mediator is away.', BY_ITSELF),
  shutting_down: explain('The mediator is being restarted.', BY_ITSELF),
  not_configured: explain('This part of the mediator is not set up.', ADMINISTRATOR),
  internal_error: explain('The mediator met an error of its own.', ADMINISTRATOR),

  peer_unreachable: explain('The other system cannot be reached.', BY_ITSELF),
  peer_certificate_invalid: explain('The other system shows a certificate that is not trusted.', ADMINISTRATOR),
  peer_timeout: explain('The other system did not answer in time.', BY_ITSELF),
  peer_unavailable: explain('The other system says that it is not available.', BY_ITSELF),
  peer_circuit_open: explain(
    'The other system failed several times, so the mediator pauses before it asks again.',
    BY_ITSELF,
  ),
  peer_response_invalid: explain('The answer of the other system cannot be understood.', BY_ITSELF),
  peer_response_too_large: explain('The answer of the other system is larger than allowed.', ADMINISTRATOR),
  peer_error: explain('The other system answered with an error of its own.', BY_ITSELF),
  peer_unauthorized: explain('The other system does not accept the credentials of the mediator.', ADMINISTRATOR),
  peer_misconfigured: explain(
    'The other system answers as if the mediator had the wrong address or settings.',
    ADMINISTRATOR,
  ),
  peer_quota_used: explain('OpenCRVS takes no more questions of this kind today.', BY_ITSELF),
  call_cancelled: explain('The mediator ended the call before its answer came.', BY_ITSELF),

  event_unreadable: explain(
    'The record came in a form that the mediator cannot read.',
    'Tell the people who run the mediator: the delivery is kept. Or register the event again once it is corrected.',
  ),
  registration_number_missing: explain(
    'The record carries no registration number.',
    'Find the registration in OpenCRVS and have it completed there; then close this event.',
  ),
  mapping_failed: explain(
    'A field of the record could not be turned into the form of the other system.',
    ADMINISTRATOR,
  ),
  mapping_timeout: explain('Turning the record into the form of the other system took too long.', ADMINISTRATOR),
  national_id_refused: explain(
    'The national ID system says that the data is wrong.',
    'Correct the registration in OpenCRVS: the correction is sent by itself.',
  ),
  national_id_misconfigured: explain(
    'The national ID system does not accept the settings of the mediator.',
    ADMINISTRATOR,
  ),
  outcome_unknown: explain(
    'It is not known whether the national ID system has taken the registration.',
    'Look for the person in the national ID system first. If there is none, try again; if there is one, close the event.',
  ),
  answer_deadline_passed: explain(
    'The national ID system has not answered for too long.',
    'Ask the people who run the national ID system about it by its key there. A late answer is still taken.',
  ),
  retries_exhausted: explain(
    'The other system answered with errors for days.',
    'Ask the people who run that system. Once it works, try again.',
  ),
  waits_for_earlier: explain(
    'An earlier registration of the same person has stopped.',
    'See to the earlier one: this one goes on by itself then.',
  ),
  credential_unreadable: explain(
    'The answer of the national ID system came in a form that cannot be read.',
    'Tell the people who run the mediator; then have the national ID system send the answer again.',
  ),
  write_back_refused: explain(
    'The identity exists, but OpenCRVS does not take the answer.',
    'Find out in OpenCRVS why it refuses; then try again.',
  ),
  not_eligible: explain(
    'By the rules of this country it does not go to the national ID system.',
    'Nothing. If the record is wrong, correct it in OpenCRVS: it is then looked at again.',
  ),
  decision_needed: explain(
    'By the rules of this country a person decides about it.',
    'Decide: try again to send it, or close it and say why.',
  ),
  reply_expired: explain(
    'OpenCRVS had waited too long and takes no answer any more.',
    'Register the event again in OpenCRVS: it gets the answer that is here.',
  ),
  payload_lost: explain(
    'The stored record cannot be opened: its key is missing.',
    'The people who run the mediator have to add the old key, then try again; or let the record come in again.',
  ),

  settings_invalid: explain('The settings of the mediator are wrong.', ADMINISTRATOR),
  store_locked: explain('Another process of the mediator uses the same data.', ADMINISTRATOR),
};
