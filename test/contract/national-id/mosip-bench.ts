import { type MosipStage, setStage } from '../../integration/mosip/set-up.js';
import type { Bench, Failure } from './bench.js';

const FAIL: Readonly<Record<Failure, (stage: MosipStage) => void>> = {
  refusal: ({ mosip }) => mosip.failWithError('workflow', 'RPR-WIN-001', 1),
  unanswered: ({ mosip }) => mosip.fail('workflowinstance', { kind: 'hang-after' }, 1),
  garbage: ({ mosip }) => mosip.fail('createPacket', { kind: 'garbage' }, 1),
  'error-in-200': ({ mosip }) => mosip.failWithError('packet', 'KER-PUT-015', 1),
  unavailable: ({ mosip }) => mosip.fail('createPacket', { status: 503 }, 1),
  'token-refused': ({ mosip }) => mosip.auth.revokeTokens(),
};

/** The MOSIP adapter between the MOSIP peer and a callback route. */
export async function mosipBench(): Promise<Bench> {
  const stage = await setStage();
  await stage.subscribed();
  const { mosip, route, system } = stage;
  return {
    system,
    identities: () => mosip.identities,
    personOf({ nationalId }) {
      const person = mosip.processor.identities.find(nationalId);
      return person && { isActive: person.status === 'ACTIVATED', name: person.fields['fullName'] ?? '' };
    },
    calls: () => mosip.requestsTo('createPacket').length + mosip.requestsTo('workflowinstance').length,
    failNext: (failure) => FAIL[failure](stage),
    async callbackFor(outwardKey) {
      const find = () => route.deliveries.find(({ answer }) => answer.outwardKey === outwardKey);
      await route.until(() => find() !== undefined);
      const found = find();
      if (found === undefined) throw new Error('the callback has gone');
      return found.answer;
    },
    until: (condition) => mosip.until(condition),
    close: () => stage.close(),
  };
}
