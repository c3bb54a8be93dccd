import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { createKeyPair } from './mosip-credential.js';

const BASE_PATH = '/v1/esignet';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const TokenForm = z.strictObject({
  code: z.string(),
  client_id: z.string(),
  redirect_uri: z.string(),
  grant_type: z.literal('authorization_code'),
  client_assertion_type: z.literal(ASSERTION_TYPE),
  client_assertion: z.string(),
});

const Assertion = z.strictObject({
  iss: z.string(),
  sub: z.string(),
  aud: z.string(),
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
});

/** How user info is signed, where a test wants it otherwise. */
export interface UserInfoChanges {
  readonly key?: KeyObject;
  readonly kid?: string;
  readonly algorithm?: 'RS256' | 'none' | 'HS256';
  readonly claims?: Readonly<Record<string, unknown>>;
}

interface SigningKey {
  readonly kid: string;
  readonly key: KeyObject;
}

function newSigningKey(): SigningKey {
  return { kid: randomUUID(), key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey };
}

const error = (status: number, code: string): PeerReply => json({ error: code, error_description: code }, status);

/** e-Signet behind its log-in page: token endpoint, user info, key set (reference/mosip.md 5). */
export class ESignetPeer extends HttpPeer {
  readonly client = { id: 'crvs-client', redirectUri: 'https://register.example/form', ...createKeyPair() } as const;
  #signing = newSigningKey();
  readonly #codes = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #tokens = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #assertions = new Set<string>();
  #changes: UserInfoChanges = {};

  get tokenUrl(): string {
    return `${this.url}${BASE_PATH}/oauth/v2/token`;
  }

  get userInfoUrl(): string {
    return `${this.url}${BASE_PATH}/oidc/userinfo`;
  }

  get keySetUrl(): string {
    return `${this.url}${BASE_PATH}/oauth/.well-known/jwks.json`;
  }

  get settings() {
    const { tokenUrl, userInfoUrl, keySetUrl } = this;
    return { tokenUrl, userInfoUrl, keySetUrl, clientKey: this.client.privateKey };
  }

  /** Somebody logs in and agrees to tell this; gives the code that the browser brings back. */
  logIn(claims: Readonly<Record<string, unknown>>): string {
    const code = randomUUID();
    this.#codes.set(code, claims);
    return code;
  }

  /** From now on user info is signed by a new key. */
  rotateKey(): void {
    this.#signing = newSigningKey();
  }

  /** From now on user info is otherwise. */
  sign(changes: UserInfoChanges): void {
    this.#changes = changes;
  }

  protected override answer(request: ReceivedRequest): PeerReply {
    switch (`${request.method} ${request.path.slice(BASE_PATH.length)}`) {
      case 'POST /oauth/v2/token':
        return this.#token(request);
      case 'GET /oidc/userinfo':
        return this.#userInfo(request);
      case 'GET /oauth/.well-known/jwks.json':
        return this.#keySet();
      default:
        return json({ status: 404, error: 'Not Found' }, 404);
    }
  }

  #token(request: ReceivedRequest): PeerReply {
    if (!String(request.headers['content-type']).startsWith('application/x-www-form-urlencoded')) {
      return error(415, 'invalid_request');
    }
    const form = TokenForm.safeParse(Object.fromEntries(new URLSearchParams(request.body.toString('utf8'))));
    if (!form.success) return error(400, 'invalid_request');
    const { code, client_id: clientId, redirect_uri: redirectUri, client_assertion: assertion } = form.data;
    if (clientId !== this.client.id) return error(401, 'invalid_client');
    if (!this.#takesAssertion(assertion)) return error(400, 'invalid_assertion');
    if (redirectUri !== this.client.redirectUri) return error(400, 'invalid_redirect_uri');
    const claims = this.#codes.get(code);
    if (claims === undefined) return error(400, 'invalid_transaction');
    this.#codes.delete(code);
    const token = randomUUID();
    this.#tokens.set(token, claims);
    return json({ access_token: token, token_type: 'Bearer', expires_in: 3600, id_token: 'not.looked.at' });
  }

  /** Signed by the client's key, for this endpoint, alive, and never seen before. */
  #takesAssertion(assertion: string): boolean {
    try {
      const verified = jwt.verify(assertion, createPublicKey(this.client.publicKey), { algorithms: ['RS256'] });
      const claims = Assertion.parse(verified);
      const isFresh = !this.#assertions.has(claims.jti);
      this.#assertions.add(claims.jti);
      const isOfClient = claims.iss === this.client.id && claims.sub === this.client.id;
      return isFresh && isOfClient && claims.aud === this.tokenUrl && claims.exp - claims.iat <= 3600;
    } catch {
      return false;
    }
  }

  #userInfo(request: ReceivedRequest): PeerReply {
    const token = /^Bearer (\S+)$/.exec(String(request.headers['authorization']))?.[1] ?? '';
    const told = this.#tokens.get(token);
    if (told === undefined) {
      return { status: 401, headers: { 'www-authenticate': 'error="invalid_token"' }, body: '' };
    }
    const { key = this.#signing.key, kid = this.#signing.kid, algorithm = 'RS256', claims = {} } = this.#changes;
    const now = Math.floor(Date.now() / 1000);
    const standard = { iss: `${this.url}${BASE_PATH}`, aud: this.client.id, sub: 'psut', iat: now, exp: now + 3600 };
    const all = Object.entries({ ...standard, ...told, ...claims }).filter(([, value]) => value !== undefined);
    const secret = algorithm === 'HS256' ? 'a secret that anybody may know' : algorithm === 'none' ? '' : key;
    const body = jwt.sign(Object.fromEntries(all), secret, { algorithm, keyid: kid });
    return { status: 200, headers: { 'content-type': 'application/jwt;charset=UTF-8' }, body };
  }

  #keySet(): PeerReply {
    const { key, kid } = this.#signing;
    const jwk = createPublicKey(key).export({ format: 'jwk' });
    return json({ keys: [{ ...jwk, kid, use: 'sig', alg: 'RS256' }] });
  }
}
