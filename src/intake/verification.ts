import { MediatorError } from '../errors/index.js';
import type { Route } from '../http/index.js';
import type { NationalIdSystemName } from '../national-id/index.js';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * The door for yes/no checks of a claimed identity. No adapter offers them yet, and the caller is told so (501) after
 * its credentials were checked; the body is not looked at.
 */
export function verificationRoutes(system: NationalIdSystemName): Route[] {
  const message = `The national ID system (${system}) is not asked to verify identities by this version.`;
  return [
    {
      methods: ['post'],
      path: '/verify',
      guarded: true,
      maxBodyBytes: MAX_BODY_BYTES,
      handler: async () => {
        throw new MediatorError('not_supported', { message });
      },
    },
  ];
}
