import type { ESignetSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Probe, ProbeDeps } from '../probe.js';
import { createKeySet } from './key-set.js';

/** What can be tried of e-Signet without somebody logging in: its key set. */
export function esignetProbes(deps: ProbeDeps, { keySetUrl }: ESignetSettings): readonly Probe[] {
  return [
    {
      about: 'key set',
      next: 'Check ESIGNET_JWKS_URL.',
      async run(signal) {
        const size = await createKeySet(deps, keySetUrl).size(signal);
        if (size > 0) return `It holds ${size === 1 ? 'one key' : `${size} keys`} that can sign.`;
        throw new MediatorError('peer_misconfigured', { message: 'The key set holds no RSA key that signs.' });
      },
    },
  ];
}
