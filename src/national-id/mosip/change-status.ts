import type { MosipIdentityRepositorySettings } from '../../config/index.js';
import { registerOf } from '../../vital-events/index.js';
import type { Answer, Submission } from '../port.js';
import {
  type IdentityRepository,
  type IdentityStatus,
  type IndividualId,
  NOBODY_FOUND,
} from './identity-repository.js';
import { individualIdType } from './individual-id.js';
import { NATIONAL_ID_MISSING } from './submission.js';

const CONFIRMED: Answer = { result: 'confirmed' };

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

const VID_ENDED: Answer = {
  result: 'refused',
  code: 'VID_ENDED',
  reason: 'The VID or its identity is not active, and MOSIP does not tell whose it is then: the UIN is needed.',
};

/**
 * By which number MOSIP knows the person; undefined when nothing tells. The record of a death names its person itself;
 * for a birth the number that we were given for it is the better one. A UIN goes before a VID, as MOSIP tells whose it is
 * for as long as there is an identity.
 */
function individualOf({ event, known }: Submission): IndividualId | undefined {
  const recorded = event.subject.identifiers.find(({ type }) => type === 'NATIONAL_ID')?.value;
  const ours = known?.nationalId ?? known?.virtualId;
  const [first, second] = (registerOf(event) === 'birth' ? [ours, recorded] : [recorded, ours])
    .filter((id) => id !== undefined)
    .map((id) => ({ id, idType: individualIdType(id) }));
  return first?.idType === 'VID' && second?.idType === 'UIN' ? second : first;
}

export type ChangeStatus = (wanted: IdentityStatus, submission: Submission) => Promise<Answer>;

/**
 * Ends an identity, or gives it back, in the identity repository; for deaths where `deathRoute` is `vid`, its VIDs alone.
 * MOSIP answers at once.
 */
export function createChangeStatus(
  { repository }: { readonly repository: IdentityRepository },
  { deathRoute }: Pick<MosipIdentityRepositorySettings, 'deathRoute'>,
): ChangeStatus {
  const changeVids = async (uin: string, status: IdentityStatus, signal: AbortSignal): Promise<Answer> => {
    const answer = await repository.setVids({ uin, status }, signal);
    // With nothing to be changed, all is as it is wanted: an earlier try got through.
    return answer.result === 'refused' && answer.code !== NOBODY_FOUND ? answer : CONFIRMED;
  };

  return async (wanted, submission) => {
    const { event, outwardKey: registrationId, repeated, signal } = submission;
    const isOfVids = deathRoute === 'vid' && registerOf(event) === 'death';
    const individual = individualOf(submission);
    if (individual === undefined) return NATIONAL_ID_MISSING;
    const record = await repository.read(individual, signal);
    if (record === undefined) return NATIONAL_ID_UNKNOWN;
    if (typeof record === 'string') {
      // An earlier try may be what has ended the VID; the identity it leaves as it is.
      const isDone = record === 'ended-identity' || (isOfVids && repeated);
      return wanted === 'DEACTIVATED' && isDone ? CONFIRMED : VID_ENDED;
    }
    if (wanted === 'ACTIVATED' && record.status === 'BLOCKED') return IDENTITY_BLOCKED;
    if (isOfVids) return changeVids(record.uin, wanted, signal);
    if (record.status === wanted) return CONFIRMED;
    const answer = await repository.setStatus({ uin: record.uin, status: wanted, registrationId }, signal);
    return answer.result === 'refused' ? answer : CONFIRMED;
  };
}
