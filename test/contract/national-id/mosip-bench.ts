import { type MosipStage, type StageOptions, setStage } from '../../integration/mosip/set-up.js';
import { IDA_PATH } from '../../peers/mosip-ida.js';
import type { Bench, Failure } from './bench.js';

const FAIL: Readonly<Record<Failure, (stage: MosipStage) => void>> = {
  refusal: ({ mosip }) => mosip.failWithError('workflow', 'RPR-WIN-001', 1),
  unanswered: ({ mosip }) => mosip.fail('workflowinstance', { kind: 'hang-after' }, 1),
  garbage: ({ mosip }) => mosip.fail('createPacket', { kind: 'garbage' }, 1),
  'error-in-200': ({ mosip }) => mosip.failWithError('packet', 'KER-PUT-015', 1),
  unavailable: ({ mosip }) => mosip.fail('createPacket', { status: 503 }, 1),
  'token-refused': ({ mosip }) => mosip.auth.revokeTokens(),
};

/** The MOSIP adapter between the MOSIP peer and a callback route, without its identity repository. */
export const mosipBench = (): Promise<Bench> => open({ verifies: true });

/** The same with the identity repository, and deaths by it. */
export const mosipRepositoryBench = (): Promise<Bench> => open({ verifies: true, repository: { endsDeaths: true } });

async function open(options: StageOptions): Promise<Bench> {
  const stage = await setStage(options);
  await stage.subscribed();
  const { mosip, route, system } = stage;
  return {
    system,
    identities: () => mosip.identities,
    personOf({ nationalId }) {
      const person = mosip.processor.identities.find(nationalId);
      return person && { isActive: person.status === 'ACTIVATED', name: person.fields['fullName'] ?? '' };
    },
    calls: () =>
      ['createPacket', 'workflowinstance', 'idvid/', 'identity/'].flatMap((path) => mosip.requestsTo(path)).length,
    failNext(failure, of = 'submission') {
      if (of === 'submission') FAIL[failure](stage);
      else mosip.fail(({ path }) => path.startsWith(IDA_PATH), { status: 503 }, 1);
    },
    callbackFor: (outwardKey) => route.answerFor(outwardKey),
    until: (condition) => mosip.until(condition),
    close: () => stage.close(),
  };
}
