import type { OsiaSettings } from '../../config/index.js';
import { createClientCredentials } from '../../outbound/index.js';
import type { Probe, ProbeDeps } from '../probe.js';
import { osiaScope } from './osia.js';

/** What can be tried of an OSIA system without a person in it: our token. */
export function osiaProbes(deps: ProbeDeps, settings: OsiaSettings): readonly Probe[] {
  return [
    {
      about: 'token',
      next: 'Check OSIA_TOKEN_URL, OSIA_CLIENT_ID, OSIA_CLIENT_SECRET, OSIA_CLIENT_AUTH, and the scopes of the client.',
      async run() {
        const options = { ...settings.client, peer: 'osia-auth', scope: osiaScope(settings) } as const;
        const tokens = createClientCredentials(deps, options);
        try {
          await tokens.get();
        } finally {
          tokens.stop();
        }
        return 'The token endpoint gives a token.';
      },
    },
  ];
}
