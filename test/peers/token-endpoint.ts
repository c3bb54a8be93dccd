import { randomUUID } from 'node:crypto';
import { json, type PeerReply, type ReceivedRequest } from './http-peer.js';

export interface TokenClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** All that the client may ask for, separated by blanks; it must ask for some of it where this is set. */
  readonly scope?: string | undefined;
  /** Where the credentials have to be; elsewhere they do not count. */
  readonly sendIn: 'header' | 'body';
}

/** A token endpoint for one client by the client credentials grant (RFC 6749 2.3.1, 4.4, 5). */
export class TokenEndpoint {
  readonly #client: TokenClient;
  readonly #valid = new Set<string>();

  constructor(client: TokenClient) {
    this.#client = client;
  }

  /** From now on every token given so far is refused. */
  revoke(): void {
    this.#valid.clear();
  }

  isValid({ headers }: Pick<ReceivedRequest, 'headers'>): boolean {
    return this.#valid.has(String(headers['authorization']).replace(/^Bearer /, ''));
  }

  answer({ method, headers, body }: ReceivedRequest): PeerReply {
    const form = new URLSearchParams(body.toString('utf8'));
    const isForm = String(headers['content-type']).startsWith('application/x-www-form-urlencoded');
    if (method !== 'POST' || !isForm || form.get('grant_type') !== 'client_credentials') {
      return json({ error: 'invalid_request' }, 400);
    }
    if (!this.#knows(headers['authorization'], form)) return json({ error: 'invalid_client' }, 401);
    const allowed = this.#client.scope?.split(' ');
    const asked = form.get('scope')?.split(' ') ?? [];
    if (allowed !== undefined && (asked.length === 0 || asked.some((scope) => !allowed.includes(scope)))) {
      return json({ error: 'invalid_scope' }, 400);
    }
    const token = randomUUID();
    this.#valid.add(token);
    return json({ access_token: token, token_type: 'Bearer', expires_in: 300 });
  }

  #knows(authorization: unknown, form: URLSearchParams): boolean {
    const { clientId, clientSecret, sendIn } = this.#client;
    if (sendIn === 'body') {
      return form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
    }
    const pair = [clientId, clientSecret].map(encodeURIComponent).join(':');
    return authorization === `Basic ${Buffer.from(pair).toString('base64')}` && !form.has('client_secret');
  }
}
