import type { RestSettings } from '../../config/index.js';
import type { Probe, ProbeDeps } from '../probe.js';
import { createRestAuthorization } from './authorization.js';

const WORDS: Readonly<Record<Exclude<RestSettings['auth']['kind'], 'client-credentials'>, string>> = {
  none: 'The file names no credentials.',
  basic: 'User and password are there; whether they are right is seen at the first call.',
  bearer: 'The token is there; whether it is right is seen at the first call.',
  header: 'The header is there; whether it is right is seen at the first call.',
};

/** What can be tried of a system of which only its operations are known: its token. */
export function restProbes(deps: ProbeDeps, settings: RestSettings): readonly Probe[] {
  const { kind } = settings.auth;
  return [
    {
      about: 'credentials',
      next: 'Check `auth` in REST_CONFIG_FILE and the secrets that it names.',
      async run() {
        if (kind !== 'client-credentials') return WORDS[kind];
        const authorization = createRestAuthorization(deps, settings);
        try {
          await authorization.prepare();
        } finally {
          authorization.stop();
        }
        return 'The token endpoint gives a token.';
      },
    },
  ];
}
