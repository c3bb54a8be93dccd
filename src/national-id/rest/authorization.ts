import type { RestSettings } from '../../config/index.js';
import {
  createClientCredentials,
  type OutboundClient,
  type OutboundResponse,
  type TokenCacheDeps,
  withToken,
} from '../../outbound/index.js';

type Headers = Readonly<Record<string, string>>;

/** Makes calls with our credentials. */
export interface Authorization {
  /** Fetches what has to be asked for, so that a call that fails afterwards is the call itself. */
  prepare(): Promise<void>;
  run(call: (headers: Headers) => Promise<OutboundResponse>): Promise<OutboundResponse>;
  stop(): void;
}

function fixed(headers: Headers): Authorization {
  return { prepare: async () => undefined, run: (call) => call(headers), stop: () => undefined };
}

/** The way of authentication that the file names. A token that is refused is asked for anew, once. */
export function createAuthorization(
  deps: TokenCacheDeps & { readonly outbound: OutboundClient },
  { auth, baseUrl }: Pick<RestSettings, 'auth' | 'baseUrl'>,
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
      const { kind: _kind, tokenUrl, ...client } = auth;
      const tokens = createClientCredentials(deps, {
        ...client,
        peer: 'rest-auth',
        tokenUrl: tokenUrl.startsWith('/') ? `${baseUrl}${tokenUrl}` : tokenUrl,
      });
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
