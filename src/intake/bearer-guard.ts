import type { Route } from '../http/index.js';
import type { TokenVerifier } from '../opencrvs/index.js';

/**
 * How a door is guarded that OpenCRVS comes to with a token of its own and others with our credentials. Where the key of
 * OpenCRVS cannot be had, our credentials alone let in.
 */
export function ownOrOpenCrvs(verifier: Pick<TokenVerifier, 'verify'> | undefined): NonNullable<Route['guarded']> {
  return verifier === undefined ? true : { orBearer: (authorization) => verifier.verify(authorization) };
}
