import type { OsiaSettings } from '../../config/index.js';
import { toMediatorError } from '../../errors/index.js';
import {
  type OutboundClient,
  type OutboundRequest,
  type OutboundResponse,
  type Peer,
  type TokenSource,
  withToken,
} from '../../outbound/index.js';
import type { HealthCheck } from '../../telemetry/index.js';
import { proxyPageError } from '../proxy-page.js';

/** The interfaces of OSIA that we use; a country may run each at an address of its own. */
export type OsiaService = 'uin' | 'registry' | 'data-access' | 'notification';

export interface OsiaCall {
  /** OSIA's own name of the operation. */
  readonly operation: string;
  readonly service: OsiaService;
  readonly method: OutboundRequest['method'];
  /** As OSIA writes it, e.g. `/v1/persons/{personId}`: what records show, since the ids are a person's numbers. */
  readonly path: string;
  readonly ids?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as the text it is, in place of a body. */
  readonly text?: string;
  readonly signal: AbortSignal;
}

export interface OsiaClientDeps {
  readonly outbound: OutboundClient;
  readonly tokens: TokenSource;
  /** Told how each call ended. */
  readonly check: HealthCheck;
}

/**
 * Makes a call with our token, which is renewed once where it is refused. Any answer is returned, for the caller to judge.
 *
 * @throws MediatorError what a call without an answer, or without a token, stands for
 */
export type OsiaClient = (call: OsiaCall) => Promise<OutboundResponse>;

const PEERS: Readonly<Record<OsiaService, Peer>> = {
  uin: 'osia-uin',
  registry: 'osia',
  'data-access': 'osia',
  notification: 'osia-notification',
};

/** The content type that OSIA's notification interface names, in its own spelling (reference/mosip.md 7.1). */
const PLAIN_TEXT = 'plain/text';

function addressOf({ path, ids = {}, query = {} }: OsiaCall, base: string): { url: string; recordedPath: string } {
  const basePath = new URL(base).pathname.replace(/\/+$/, '');
  const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(ids[name] ?? ''));
  const url = new URL(base);
  url.pathname = `${basePath}${filled}`;
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) url.searchParams.append(name, value);
  }
  return { url: url.toString(), recordedPath: `${basePath}${path}` };
}

/** Talks to the OSIA interfaces behind `settings`. */
export function createOsiaClient(
  { outbound, tokens, check }: OsiaClientDeps,
  { addresses }: Pick<OsiaSettings, 'addresses'>,
): OsiaClient {
  const send = (call: OsiaCall, token: string): Promise<OutboundResponse> => {
    const content = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
    const type = call.text === undefined ? 'application/json' : PLAIN_TEXT;
    return outbound.send({
      peer: PEERS[call.service],
      operation: call.operation,
      method: call.method,
      ...addressOf(call, addresses[call.service]),
      headers: {
        authorization: `Bearer ${token}`,
        ...(content === undefined ? {} : { 'content-type': type }),
      },
      ...(content === undefined ? {} : { body: content }),
      signal: call.signal,
    });
  };

  const report = ({ status }: OutboundResponse): void => {
    if (status === 401 || status === 403) check.report('degraded', 'the OSIA system does not accept our token');
    else if (status >= 500 || status === 429) check.report('degraded', `the OSIA system answers HTTP ${status}`);
    else check.report('ok');
  };

  return async (call) => {
    try {
      const response = await withToken(tokens, (token) => send(call, token));
      const fault = proxyPageError(response);
      if (fault !== undefined) throw fault;
      report(response);
      return response;
    } catch (thrown) {
      check.report('degraded', toMediatorError(thrown).code);
      throw thrown;
    }
  };
}
