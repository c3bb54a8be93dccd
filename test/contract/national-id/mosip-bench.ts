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
export const mosipRepositoryBench = (): Promise<Bench> =>
  open({ verifies: true, repository: { deathRoute: 'repository' } });

/** Deaths by VID: the number that identity authentication is asked about, the UIN, stays good. */
export const mosipVidBench = (): Promise<Bench> => open({ repository: { deathRoute: 'vid' } });

async function open(options: StageOptions): Promise<Bench> {
  const stage = await setStage(options);
  await stage.subscribed();
  const { mosip, route, system } = stage;
  return {
    system,
    identities: () => mosip.identities,
    personOf({ nationalId }) {
      const person = mosip.processor.identities.find(nationalId);
      const isActive = person?.status === 'ACTIVATED' && person.vidStatus === 'ACTIVE';
      return person && { isActive, name: person.fields['fullName'] ?? '' };
    },
    calls: () =>
      ['createPacket', 'workflowinstance', 'idvid/', 'identity/', 'activate'].flatMap((path) => mosip.requestsTo(path))
        .length,
    failNext(failure, of = 'submission') {
      if (of === 'submission') FAIL[failure](stage);
      else mosip.fail(({ path }) => path.startsWith(IDA_PATH), { status: 503 }, 1);
    },
    callbackFor: (outwardKey) => route.answerFor(outwardKey),
    until: (condition) => mosip.until(condition),
    close: () => stage.close(),
  };
}
