import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { json, type PeerReply, type ReceivedRequest } from './http-peer.js';

export interface MosipClient {
  readonly id: string;
  readonly secret: string;
  readonly roles: readonly string[];
}

/** An answer of a MOSIP service with errors; its status is 200 unless a token is at fault. */
export function errorReply(errorCode: string, message: string, status = 200): PeerReply {
  return json(
    {
      id: null,
      version: null,
      responsetime: new Date().toISOString(),
      metadata: null,
      response: null,
      errors: [{ errorCode, message }],
    },
    status,
  );
}

const Login = z.object({
  id: z.string(),
  version: z.string(),
  requesttime: z.iso.datetime(),
  request: z.object({ clientId: z.string(), secretKey: z.string(), appId: z.string() }),
});

const SIGNING_KEY = 'the auth manager of the test peer signs its tokens with this';

/** The auth manager: gives tokens to its clients and knows them again (reference/mosip.md 2). */
export class MosipAuth {
  readonly #clients: readonly MosipClient[];
  readonly #appId: string;
  readonly #lifeSeconds: number;
  readonly #valid = new Set<string>();
  /** How many tokens were given out. */
  issuedTokens = 0;

  constructor(options: { clients: readonly MosipClient[]; appId: string; lifeSeconds: number }) {
    this.#clients = options.clients;
    this.#appId = options.appId;
    this.#lifeSeconds = options.lifeSeconds;
  }

  /** Answers a client's login. */
  authenticate(request: ReceivedRequest): PeerReply {
    const login = Login.safeParse(parse(request.body));
    if (!login.success) return errorReply('KER-ATH-003', 'request is not valid');
    const { clientId, secretKey, appId } = login.data.request;
    const client = this.#clients.find(({ id, secret }) => id === clientId && secret === secretKey);
    if (client === undefined || appId !== this.#appId) return errorReply('KER-ATH-401', 'invalid credentials');
    const token = this.#issue(client);
    return json(
      {
        id: null,
        version: null,
        responsetime: new Date().toISOString(),
        response: { status: 'Success', message: 'Clientid and Token combination had been validated successfully' },
        errors: null,
      },
      200,
      {
        'set-cookie': [`Authorization=${token}; Max-Age=${this.#lifeSeconds}; Path=/; Secure; HttpOnly`],
        authorization: token,
      },
    );
  }

  /** The client whose valid token this is and who has the role. */
  clientOf(token: string | undefined, role: string): MosipClient | undefined {
    if (token === undefined || !this.#valid.has(token)) return undefined;
    try {
      const claims = jwt.verify(token, SIGNING_KEY, { algorithms: ['HS256'] });
      const client = this.#clients.find(({ id }) => typeof claims !== 'string' && claims['azp'] === id);
      return client?.roles.includes(role) === true ? client : undefined;
    } catch {
      // Expired.
      return undefined;
    }
  }

  /** From now on every token given so far is refused. */
  revokeTokens(): void {
    this.#valid.clear();
  }

  #issue(client: MosipClient): string {
    this.issuedTokens += 1;
    const claims = {
      azp: client.id,
      preferred_username: `service-account-${client.id}`,
      realm_access: { roles: client.roles },
      jti: randomUUID(),
    };
    const token = jwt.sign(claims, SIGNING_KEY, { algorithm: 'HS256', expiresIn: this.#lifeSeconds });
    this.#valid.add(token);
    return token;
  }
}

/** The token in a service's cookie: the header has to be exactly this. */
export function tokenOf(request: ReceivedRequest): string | undefined {
  return /^Authorization=([^;=\s]+)$/.exec(String(request.headers['cookie'] ?? ''))?.[1];
}

/** JSON of a body; undefined, which no schema takes, where it is none. */
export function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
