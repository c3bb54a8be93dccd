import { registerOf } from '../../vital-events/index.js';
import type { Answer, Submission } from '../port.js';
import type { IdentityRepository, IdentityStatus, IndividualId } from './identity-repository.js';
import { individualIdType } from './individual-id.js';
import { NATIONAL_ID_MISSING } from './submission.js';

const NATIONAL_ID_UNKNOWN: Answer = {
  result: 'refused',
  code: 'NATIONAL_ID_UNKNOWN',
  reason: "MOSIP's identity repository knows nobody with the number.",
};

/** Somebody in MOSIP has put it there for a reason of theirs. */
const IDENTITY_BLOCKED: Answer = {
  result: 'refused',
  code: 'IDENTITY_BLOCKED',
  reason: 'The identity is blocked at MOSIP, so it is not given back.',
};

/**
 * By which number MOSIP knows the person; undefined when nothing tells. The record of a death names its person itself;
 * for a birth the number that we were given for it is the better one.
 */
function individualOf({ event, known }: Submission): IndividualId | undefined {
  const recorded = event.subject.identifiers.find(({ type }) => type === 'NATIONAL_ID')?.value;
  const ours = known?.nationalId ?? known?.virtualId;
  const id = registerOf(event) === 'birth' ? (ours ?? recorded) : (recorded ?? ours);
  return id === undefined ? undefined : { id, idType: individualIdType(id) };
}

export type ChangeStatus = (wanted: IdentityStatus, submission: Submission) => Promise<Answer>;

/** Ends an identity, or gives it back, in the identity repository. It answers at once. */
export function createChangeStatus({ repository }: { readonly repository: IdentityRepository }): ChangeStatus {
  return async (wanted, submission) => {
    const { outwardKey: registrationId, signal } = submission;
    const individual = individualOf(submission);
    if (individual === undefined) return NATIONAL_ID_MISSING;
    const record = await repository.read(individual, signal);
    if (record === undefined) return NATIONAL_ID_UNKNOWN;
    if (record.status === wanted) return { result: 'confirmed' };
    if (wanted === 'ACTIVATED' && record.status === 'BLOCKED') return IDENTITY_BLOCKED;
    const answer = await repository.setStatus({ uin: record.uin, status: wanted, registrationId }, signal);
    return answer.result === 'refused' ? answer : { result: 'confirmed' };
  };
}
