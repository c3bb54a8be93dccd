import { MediatorError } from '../../../src/errors/index.js';
import type { Answer, CallbackAnswer, Submission } from '../../../src/national-id/index.js';
import { type Identity, identityOperation, type Person } from '../../../src/vital-events/index.js';
import { FakeNationalIdSystem } from '../../fakes/fake-national-id-system.js';
import { until } from '../../support/until.js';
import type { Bench, Failure } from './bench.js';

interface FakePerson {
  readonly identity: Identity;
  isActive: boolean;
  name: string;
  person: Person;
}

const ERRORS = {
  garbage: 'peer_response_invalid',
  'error-in-200': 'peer_error',
  unavailable: 'peer_unavailable',
  'token-refused': 'peer_unauthorized',
} as const;

/** Never comes, and ends with the caller's signal. */
async function noAnswer(signal: AbortSignal): Promise<never> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  throw new MediatorError('call_cancelled', { unanswered: true });
}

/** The fake that the pipeline is tested with, and a few people in memory for it. */
export async function fakeBench(): Promise<Bench> {
  const system = new FakeNationalIdSystem();
  const people = new Map<string, FakePerson>();
  let next: Failure | undefined;

  const work = (submission: Submission): Answer => {
    const answer = change(submission);
    system.people = [...people.values()];
    return answer;
  };

  const change = ({ event, outwardKey, known }: Submission): Answer => {
    const person = event.subject;
    const name = JSON.stringify(person.names);
    const operation = identityOperation(event, { birthCancellation: 'deactivate' });
    if (operation === 'issue') {
      const nationalId = `N${people.size + 1}`;
      if (!people.has(outwardKey)) people.set(outwardKey, { identity: { nationalId }, isActive: true, name, person });
      return { result: 'pending' };
    }
    const found = [...people.values()].find(({ identity }) => identity.nationalId === known?.nationalId);
    if (found === undefined) return { result: 'refused', code: 'PERSON_NOT_FOUND', reason: 'Nobody has this number.' };
    if (operation === 'update') Object.assign(found, { name, person });
    else found.isActive = operation === 'reactivate';
    return { result: 'confirmed' };
  };

  system.otherwise(async (submission) => {
    const failure = next;
    next = undefined;
    if (failure === undefined) return work(submission);
    if (failure === 'refusal') return { result: 'refused', code: 'INVALID', reason: 'The data is wrong.' };
    if (failure !== 'unanswered') throw new MediatorError(ERRORS[failure]);
    work(submission);
    return noAnswer(submission.signal);
  });

  return {
    system,
    identities: () => people.size,
    personOf: ({ nationalId }) => [...people.values()].find(({ identity }) => identity.nationalId === nationalId),
    calls: () => system.submissions.length,
    failNext(failure, of = 'submission') {
      if (of === 'submission') next = failure;
      else system.queryFault = new MediatorError('peer_unavailable');
    },
    async callbackFor(outwardKey) {
      const answer: CallbackAnswer = { outwardKey, identity: people.get(outwardKey)?.identity ?? {} };
      const body = Buffer.from(JSON.stringify(answer));
      system.callback.authenticate({}, body);
      return system.callback.read(body);
    },
    until: (condition) => until(condition, 'the fake has done its work'),
    close: () => system.stop(),
  };
}
