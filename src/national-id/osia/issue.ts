import type { Answer, NationalIdSystem, Submission } from '../port.js';
import { MULTIPLE_MATCHES, type Refused } from './answers.js';
import type { IdentityRecord, ToIdentityRecord } from './identity-record.js';
import type { Publish } from './notifications.js';
import type { PopulationRegistry } from './population-registry.js';
import type { Registrations } from './registrations.js';
import type { Attributes } from './scalar.js';
import { notedUin } from './uin.js';

export interface IssueDeps {
  readonly registry: PopulationRegistry;
  readonly registrations: Registrations;
  readonly toIdentityRecord: ToIdentityRecord;
  readonly askForUin: (submission: Submission, attributes: Attributes) => Promise<string | Refused>;
  readonly publish: Publish;
}

const NEWBORN = { status: 'ACTIVE', physicalStatus: 'ALIVE' } as const;

/**
 * A birth: a number from the UIN service, a person under it, the identity of the person (reference/mosip.md 7.1). Two
 * things make it once: the person is looked for by the number of the registration before a number is asked for, and what
 * was asked and answered is written down between the calls. All that follows the number can be repeated.
 *
 * The function throws MediatorError `mapping_failed`, `outcome_unknown`, and what a failed call stands for.
 */
export function createIssue(deps: IssueDeps): NationalIdSystem['issue'] {
  const { registry, registrations, toIdentityRecord, askForUin, publish } = deps;

  const enter = async (uin: string, record: IdentityRecord, submission: Submission): Promise<Refused | undefined> => {
    const { event, outwardKey, signal } = submission;
    const transaction = { transactionId: outwardKey, signal };
    const created = await registry.create(uin, NEWBORN, transaction);
    if (typeof created === 'object') return created;
    if (created === 'exists') await registrations.mustBear(uin, event.registrationNumber, transaction);
    const added = await registry.addIdentity(uin, { id: outwardKey, record }, transaction);
    return typeof added === 'object' ? added : undefined;
  };

  return async (submission): Promise<Answer> => {
    const { event, outwardKey: transactionId, signal } = submission;
    const record = await toIdentityRecord(event);
    const found = await registrations.find(event.registrationNumber, { transactionId, signal });
    if (found === 'several') return MULTIPLE_MATCHES;
    const uin = found ?? (await askForUin(submission, record.biographicData));
    if (typeof uin !== 'string') return uin;
    // A person who was there before us is left as they are; what we began ourselves is brought to its end.
    if (found === undefined || notedUin(submission) === found) {
      const refusal = await enter(uin, record, submission);
      if (refusal !== undefined) return refusal;
    }
    await publish(event, uin, signal);
    return { result: 'issued', identity: { nationalId: uin } };
  };
}
