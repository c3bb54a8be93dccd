import type { RestSettings } from '../../config/index.js';
import { type Authorization, type AuthorizationDeps, createAuthorization } from '../authorization.js';

/** The way of authentication that the file names; its token endpoint may be a path below the system's address. */
export function createRestAuthorization(
  deps: AuthorizationDeps,
  { auth, baseUrl }: Pick<RestSettings, 'auth' | 'baseUrl'>,
): Authorization {
  const isBelow = auth.kind === 'client-credentials' && auth.tokenUrl.startsWith('/');
  return createAuthorization(deps, isBelow ? { ...auth, tokenUrl: `${baseUrl}${auth.tokenUrl}` } : auth, 'rest-auth');
}
