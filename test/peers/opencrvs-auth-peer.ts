import { z } from 'zod';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { frameworkError, type OpenCrvsSystem } from './opencrvs-system.js';

const Credentials = z.strictObject({ client_id: z.string(), client_secret: z.string() });
const TokenParameters = z.object({
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  grant_type: z.string().optional(),
});

const oauthError = (status: number, error: string): PeerReply =>
  json({ error, error_description: `The token request failed: ${error}.` }, status, { 'cache-control': 'no-store' });

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The auth service: one of the two token endpoints, and the public key (reference/opencrvs.md 2). */
export class OpenCrvsAuthPeer extends HttpPeer {
  readonly #system: OpenCrvsSystem;

  constructor(system: OpenCrvsSystem) {
    super();
    this.#system = system;
  }

  /** How often a token was asked for. */
  get tokenRequests(): number {
    return this.received.filter(({ path }) => /(?:^\/authenticateSystemClient|\/token)$/.test(path)).length;
  }

  /** Also asked by a gateway in front of it. */
  override answer(request: ReceivedRequest): PeerReply {
    const { tokenMode, publicKey } = this.#system;
    const call = `${request.method} ${request.path}`;
    if (call === 'GET /.well-known') {
      return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: publicKey };
    }
    if (call === 'POST /authenticateSystemClient' && tokenMode === 'json') return this.#jsonToken(request);
    if (call === 'POST /token' && tokenMode === 'query') return this.#queryToken(request);
    if (call === 'POST /auth/token' && tokenMode === 'body') return this.#bodyToken(request);
    return frameworkError(404);
  }

  #isClient(id: string, secret: string): boolean {
    const { clientId, clientSecret, status } = this.#system;
    return id === clientId && secret === clientSecret && status === 'active';
  }

  #jsonToken(request: ReceivedRequest): PeerReply {
    const isJson = String(request.headers['content-type'] ?? '').startsWith('application/json');
    const credentials = Credentials.safeParse(parsed(request.body));
    if (!isJson || !credentials.success) return frameworkError(400, 'Invalid request payload input');
    const { client_id, client_secret } = credentials.data;
    if (!this.#isClient(client_id, client_secret)) return frameworkError(401);
    return json({ token: this.#system.issueToken() });
  }

  /** Reads the query alone. */
  #queryToken({ query }: ReceivedRequest): PeerReply {
    return this.#oauthToken(Object.fromEntries(query));
  }

  /** As the gateway passes it on: a body, JSON or a form, wins over the query. */
  #bodyToken({ query, headers, body }: ReceivedRequest): PeerReply {
    const isJson = String(headers['content-type'] ?? '').startsWith('application/json');
    const given = isJson ? parsed(body) : Object.fromEntries(new URLSearchParams(body.toString('utf8')));
    return this.#oauthToken({ ...Object.fromEntries(query), ...TokenParameters.safeParse(given).data });
  }

  #oauthToken({ grant_type, client_id: id, client_secret: secret }: z.infer<typeof TokenParameters>): PeerReply {
    if (grant_type !== 'client_credentials') return oauthError(400, 'unsupported_grant_type');
    if (!id || !secret) return oauthError(400, 'invalid_request');
    if (!this.#isClient(id, secret)) return oauthError(401, 'invalid_client');
    const body = { access_token: this.#system.issueToken(), token_type: 'Bearer' };
    return json(body, 200, { 'cache-control': 'no-store' });
  }
}
