import { setStage } from '../../integration/osia/set-up.js';
import { type Fault, json } from '../../peers/http-peer.js';
import type { OsiaPeer } from '../../peers/osia-peer.js';
import type { Bench, Failure } from './bench.js';

const failOnce = (path: string, fault: Fault) => (peer: OsiaPeer) => peer.fail(path, fault, 1);

const SUBMISSION: Readonly<Record<Failure, (peer: OsiaPeer) => void>> = {
  refusal: failOnce('/v1/uin', json({ code: 12, message: 'Thandiwe Canary is refused' }, 400)),
  unanswered: (peer) => peer.fail(({ path }) => /\/identities\/\w+$/.test(path), { kind: 'hang-after' }, 1),
  garbage: failOnce('/v1/persons', { kind: 'garbage' }),
  'error-in-200': failOnce('/v1/persons', json({ code: 7, message: 'the database is away' })),
  unavailable: failOnce('/v1/uin', { status: 503 }),
  'token-refused': (peer) => peer.revokeTokens(),
};

const QUERY: Readonly<Record<Failure, Fault>> = {
  refusal: json({ code: 12, message: 'refused' }, 400),
  unanswered: { kind: 'hang-after' },
  garbage: { kind: 'garbage' },
  'error-in-200': json({ code: 7, message: 'the database is away' }),
  unavailable: { status: 503 },
  'token-refused': { status: 401 },
};

/** The OSIA adapter before an OSIA system that makes numbers and knows nothing of repeats. */
export async function osiaBench(): Promise<Bench> {
  const { peer, system, close } = await setStage();
  const { population } = peer;
  return {
    system,
    identities: () => population.all.filter(({ identities }) => identities.size > 0).length,
    personOf({ nationalId = '' }) {
      const person = population.get(nationalId);
      const isActive = person?.state.status === 'ACTIVE';
      return person && { isActive, name: JSON.stringify(population.attributesOf(person)) };
    },
    calls: () => peer.received.length,
    failNext(failure, of = 'submission') {
      if (of === 'submission') SUBMISSION[failure](peer);
      else peer.fail(({ path }) => path.startsWith('/osia/v1/persons'), QUERY[failure], 1);
    },
    callbackFor: () => Promise.reject(new Error('an OSIA system calls nobody back')),
    until: (condition) => peer.until(condition),
    close,
  };
}
