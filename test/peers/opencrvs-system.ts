import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { json, type PeerReply, type ReceivedRequest } from './http-peer.js';

export interface OpenCrvsSystemOptions {
  /** Which token endpoint this version has. Default `json`. */
  readonly tokenMode?: 'json' | 'query' | 'body';
  readonly scopes?: readonly string[];
  readonly tokenLifeSeconds?: number;
  /** How far the clock of OpenCRVS is ahead of ours. */
  readonly clockSkewMs?: number;
  readonly now?: () => number;
}

const ISSUER = 'opencrvs:auth-service';

/** Services that a system token of 1.2 is good for, besides the one of its own scope (reference/opencrvs.md 2.2). */
const AUDIENCES = [
  'auth',
  'user-mgnt',
  'hearth',
  'gateway',
  'notification',
  'workflow',
  'search',
  'metrics',
  'countryconfig',
  'webhooks',
  'config',
  'documents',
] as const;

const REPLY_SCOPES = ['record.confirm-registration', 'record.reject-registration'];

export type Audience = (typeof AUDIENCES)[number];

const Claims = z.object({
  sub: z.string(),
  scope: z.array(z.string()),
  /** Of a token for one record, 1.7 to 1.9. */
  recordId: z.string().optional(),
  /** Of a token for one action, 1.9 and later. */
  eventId: z.string().optional(),
  actionId: z.string().optional(),
});
export type Claims = z.infer<typeof Claims>;

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  500: 'Internal Server Error',
};

/** An error in the form of OpenCRVS's HTTP framework. */
export function frameworkError(
  status: number,
  message = REASONS[status],
  extra: Record<string, unknown> = {},
): PeerReply {
  const challenge = 'attributes' in extra ? { 'www-authenticate': `Token error="${message}"` } : {};
  return json({ statusCode: status, error: REASONS[status], message, ...extra }, status, challenge);
}

const refusedToken = (message: string): PeerReply => frameworkError(401, message, { attributes: { error: message } });

/** One pair for all in this process: making one takes longer than most tests. */
let sharedPair: { readonly publicKey: string; readonly privateKey: string } | undefined;

function keyPair() {
  sharedPair ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return sharedPair;
}

/** What the services of one OpenCRVS share: the key of its tokens, and one system client of type NATIONAL_ID. */
export class OpenCrvsSystem {
  readonly systemId = randomBytes(12).toString('hex');
  readonly registrarId = randomBytes(12).toString('hex');
  readonly clientId = randomUUID();
  readonly clientSecret = randomUUID();
  readonly shaSecret = randomUUID();
  readonly tokenMode: 'json' | 'query' | 'body';
  readonly publicKey: string;
  status: 'active' | 'deactivated' = 'active';
  scopes: readonly string[];
  tokenLifeSeconds: number;
  clockSkewMs: number;
  readonly #privateKey: string;
  readonly #now: () => number;

  constructor(options: OpenCrvsSystemOptions = {}) {
    const pair = keyPair();
    this.publicKey = pair.publicKey;
    this.#privateKey = pair.privateKey;
    this.tokenMode = options.tokenMode ?? 'json';
    this.scopes = options.scopes ?? ['nationalId'];
    this.tokenLifeSeconds = options.tokenLifeSeconds ?? 600;
    this.clockSkewMs = options.clockSkewMs ?? 0;
    this.#now = options.now ?? Date.now;
  }

  /** The time as this OpenCRVS sees it. */
  now(): number {
    return this.#now() + this.clockSkewMs;
  }

  /** A token of the system client. */
  issueToken(): string {
    const own = this.scopes.includes('nationalId') ? ['nationalId-api'] : [];
    return this.#sign({ sub: this.systemId, scope: this.scopes }, own, this.tokenLifeSeconds);
  }

  /** A token for one record or action: in the name of the registrar who registered, good for a week. */
  issueReplyToken(
    about: { readonly recordId: string } | { readonly eventId: string; readonly actionId: string },
    scopes: readonly string[] = REPLY_SCOPES,
  ): string {
    return this.#sign({ sub: this.registrarId, scope: scopes, ...about }, ['notification-api'], 7 * 24 * 3600);
  }

  /** No `kid`, `jti` or `nbf`: two tokens of one second are the same text. */
  #sign(claims: object, audiences: readonly string[], lifeSeconds: number): string {
    const iat = Math.floor(this.now() / 1000);
    const aud = [...AUDIENCES, ...audiences].map((service) => `opencrvs:${service}-user`);
    const all = { ...claims, iat, exp: iat + lifeSeconds, aud, iss: ISSUER };
    return jwt.sign(all, this.#privateKey, { algorithm: 'RS256' });
  }

  /** The claims of the bearer token in a request, or the 401 with which a service answers (reference 2.3). */
  authenticate(request: ReceivedRequest, audience: Audience): { claims: Claims } | { refusal: PeerReply } {
    const token = /^Bearer (.+)$/.exec(String(request.headers['authorization'] ?? ''))?.[1];
    if (token === undefined) return { refusal: frameworkError(401, 'Missing authentication') };
    try {
      const claims = jwt.verify(token, this.publicKey, {
        algorithms: ['RS256'],
        issuer: ISSUER,
        audience: `opencrvs:${audience}-user`,
        clockTimestamp: Math.floor(this.now() / 1000),
      });
      return { claims: Claims.parse(claims) };
    } catch (thrown) {
      const isExpired = thrown instanceof jwt.TokenExpiredError;
      return { refusal: refusedToken(isExpired ? 'Expired token' : 'Invalid token') };
    }
  }
}
