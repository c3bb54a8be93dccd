import { isDeepStrictEqual } from 'node:util';
import { registerOf } from '../../vital-events/index.js';
import type { Answer, NationalIdSystem, Submission } from '../port.js';
import { MULTIPLE_MATCHES, PERSON_NOT_FOUND, type Refused } from './answers.js';
import type { ToIdentityRecord } from './identity-record.js';
import type { Publish } from './notifications.js';
import { personKey } from './person-key.js';
import type { PersonState, PopulationRegistry, Transaction } from './population-registry.js';
import type { Registrations } from './registrations.js';
import { Uin } from './uin.js';

export interface ChangePersonDeps {
  readonly registry: PopulationRegistry;
  readonly registrations: Registrations;
  readonly toIdentityRecord: ToIdentityRecord;
  readonly publish: Publish;
}

type Next = (now: PersonState) => PersonState;

const CONFIRMED = { result: 'confirmed' } as const;

const dead: Next = () => ({ status: 'INACTIVE', physicalStatus: 'DEAD' });
const alive: Next = () => ({ status: 'ACTIVE', physicalStatus: 'ALIVE' });
/** A cancelled birth: its identity ends, and nobody has died. */
const ended: Next = (now) => ({ ...now, status: 'INACTIVE' });
/** A birth that counts again raises nobody who has died meanwhile. */
const begunAgain: Next = (now) => (now.physicalStatus === 'DEAD' ? now : { ...now, status: 'ACTIVE' });

/**
 * What happens to a person after the birth (reference/mosip.md 7.1). OSIA keeps two states of a person and a history of
 * identities: a death or a cancellation sets the states, a correction adds an identity and makes it the reference. An
 * identity that is valid cannot be changed in OSIA, and a date of death has no place there.
 *
 * The functions throw MediatorError `mapping_failed`, and what a failed call stands for.
 */
export function createChanges(deps: ChangePersonDeps): Pick<NationalIdSystem, 'deactivate' | 'reactivate' | 'update'> {
  const { registry, registrations, toIdentityRecord, publish } = deps;
  const transactionOf = ({ outwardKey, signal }: Submission): Transaction => ({ transactionId: outwardKey, signal });

  const uinOf = async (submission: Submission): Promise<string | Refused> => {
    const key = personKey(submission);
    if (key === undefined) return PERSON_NOT_FOUND;
    if ('uin' in key) return Uin.safeParse(key.uin).data ?? PERSON_NOT_FOUND;
    const found = await registrations.find(key.registrationNumber, transactionOf(submission));
    return found === 'several' ? MULTIPLE_MATCHES : (found ?? PERSON_NOT_FOUND);
  };

  /** Told again, it changes nothing more and tells the others once more. */
  const setState = async (submission: Submission, next: Next): Promise<Answer> => {
    const uin = await uinOf(submission);
    if (typeof uin !== 'string') return uin;
    const now = await registry.read(uin, transactionOf(submission));
    if (now === undefined) return PERSON_NOT_FOUND;
    if (!isDeepStrictEqual(next(now), now)) {
      const updated = await registry.update(uin, next(now), transactionOf(submission));
      if (updated === 'unknown') return PERSON_NOT_FOUND;
      if (updated !== 'updated') return updated;
    }
    await publish(submission.event, uin, submission.signal);
    return CONFIRMED;
  };

  const addIdentity = async (submission: Submission): Promise<Answer> => {
    const record = await toIdentityRecord(submission.event);
    const uin = await uinOf(submission);
    if (typeof uin !== 'string') return uin;
    if ((await registry.read(uin, transactionOf(submission))) === undefined) return PERSON_NOT_FOUND;
    const identity = { id: submission.outwardKey, record };
    const added = await registry.addIdentity(uin, identity, transactionOf(submission));
    return added === 'added' ? CONFIRMED : added;
  };

  const isAboutDeath = ({ event }: Submission): boolean => registerOf(event) === 'death';

  return {
    deactivate: (submission) => setState(submission, isAboutDeath(submission) ? dead : ended),
    reactivate: (submission) => setState(submission, isAboutDeath(submission) ? alive : begunAgain),
    update: (submission) => (isAboutDeath(submission) ? setState(submission, dead) : addIdentity(submission)),
  };
}
