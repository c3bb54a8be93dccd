import { CallbackPeer } from '../../integration/mosip/callback-peer.js';
import { SECRETS, setStage, settingsOf, shipped } from '../../integration/rest/set-up.js';
import { json } from '../../peers/http-peer.js';
import { RestRegistryPeer } from '../../peers/rest-registry-peer.js';
import type { Bench, Failure } from './bench.js';

const FAIL: Readonly<Record<Failure, (peer: RestRegistryPeer) => void>> = {
  refusal: (peer) => peer.fail('/applications', json({ error: { code: 'BIRTH_DATE_INVALID' } }, 422), 1),
  unanswered: (peer) => peer.fail('/applications', { kind: 'hang-after' }, 1),
  garbage: (peer) => peer.fail('/applications', { kind: 'garbage' }, 1),
  'error-in-200': (peer) => peer.fail('/applications', json({ error: { code: 'DATABASE' } }), 1),
  unavailable: (peer) => peer.fail('/applications', { status: 503 }, 1),
  'token-refused': (peer) => peer.revokeTokens(),
};

/** The adapter as `config/rest/registry.yaml` describes it, between the registry and a callback route. */
export async function restBench(): Promise<Bench> {
  const peer = await new RestRegistryPeer({
    clientId: SECRETS['REGISTRY_CLIENT_ID'] ?? '',
    clientSecret: SECRETS['REGISTRY_CLIENT_SECRET'] ?? '',
    callbackKey: SECRETS['REGISTRY_CALLBACK_KEY'] ?? '',
  }).start();
  const route = await new CallbackPeer().start();
  const stage = setStage({ ...settingsOf(shipped('registry')), baseUrl: peer.baseUrl });
  const { system } = stage;
  route.door = system.callback;
  peer.callbackUrl = route.callbackUrl;
  return {
    system,
    identities: () => peer.persons.length,
    personOf({ nationalId }) {
      const person = peer.persons.find(({ number }) => number === nationalId);
      return person && { isActive: person.state === 'active', name: person.givenNames.join(' ') };
    },
    calls: () => peer.received.length,
    failNext(failure, of = 'submission') {
      if (of === 'submission') FAIL[failure](peer);
      else peer.fail('/persons/verify', { status: 503 }, 1);
    },
    callbackFor: (outwardKey) => route.answerFor(outwardKey),
    until: (condition) => peer.until(condition),
    async close() {
      await stage.close();
      await peer.stop();
      await route.stop();
    },
  };
}
