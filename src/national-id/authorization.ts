import type { RestSettings } from '../config/index.js';
import {
  createClientCredentials,
  type OutboundClient,
  type Peer,
  type ResponseHead,
  type TokenCacheDeps,
  withToken,
} from '../outbound/index.js';

type Headers = Readonly<Record<string, string>>;

export type AuthorizationDeps = TokenCacheDeps & { readonly outbound: OutboundClient };

/** Makes calls with our credentials. */
export interface Authorization {
  /** Fetches what has to be asked for, so that a call that fails afterwards is the call itself. */
  prepare(): Promise<void>;
  /**
   * Makes the call with the headers that carry our credentials.
   *
   * @throws MediatorError what the call throws, and what a token that cannot be had stands for
   */
  run<R extends ResponseHead>(call: (headers: Headers) => Promise<R>): Promise<R>;
  stop(): void;
}

function fixed(headers: Headers): Authorization {
  return { prepare: async () => undefined, run: (call) => call(headers), stop: () => undefined };
}

/**
 * The way of authentication that the settings of a system name. A token that is refused is asked for anew, once.
 * `tokenPeer`: what the token endpoint is called in breakers and metrics.
 */
export function createAuthorization(
  deps: AuthorizationDeps,
  auth: RestSettings['auth'],
  tokenPeer: Peer,
): Authorization {
  switch (auth.kind) {
    case 'none':
      return fixed({});
    case 'basic':
      return fixed({
        authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`,
      });
    case 'bearer':
      return fixed({ authorization: `Bearer ${auth.token}` });
    case 'header':
      return fixed({ [auth.header]: auth.value });
    case 'client-credentials': {
      const { kind: _kind, ...client } = auth;
      const tokens = createClientCredentials(deps, { ...client, peer: tokenPeer });
      return {
        async prepare() {
          await tokens.get();
        },
        run: (call) => withToken(tokens, (token) => call({ authorization: `Bearer ${token}` })),
        stop: tokens.stop,
      };
    }
  }
}
