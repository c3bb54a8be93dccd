import { MediatorError } from '../errors/index.js';
import { createCredentialCheck, type HeadGuard, type InboundCredentials } from '../http/index.js';
import type { Clock } from '../runtime/index.js';
import type { Metrics } from '../telemetry/index.js';
import { createFailureLimit } from './failure-limit.js';

export interface OperatorGuardDeps {
  readonly clock: Pick<Clock, 'now'>;
  readonly metrics: Pick<Metrics, 'operatorRefusal'>;
}

type Headers = Parameters<HeadGuard>[0]['headers'];

/** A header that comes once; undefined also where it came more often. */
const only = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/**
 * Whether a page of another site may be behind the request: browsers attach stored credentials to those too. Browsers
 * say where a request comes from, by `Sec-Fetch-Site` or at least by `Origin`; what says neither is no browser.
 */
function isFromElsewhere(headers: Headers): boolean {
  const { 'sec-fetch-site': site, origin, host } = headers;
  if (site !== undefined) return site !== 'same-origin';
  if (origin === undefined) return false;
  const from = only(origin) ?? '';
  return !URL.canParse(from) || new URL(from).host !== only(host)?.toLowerCase();
}

/**
 * Lets operators in, by basic authentication; whatever is not a read has to come from our own pages, or from no browser.
 * An address that has shown wrong credentials too often waits before any are looked at.
 *
 * @throws MediatorError `not_configured` without credentials in the settings, `credentials_missing`,
 *   `credentials_invalid`, `credentials_throttled`, `cross_origin_refused`
 */
export function createOperatorGuard(
  { clock, metrics }: OperatorGuardDeps,
  credentials: InboundCredentials | undefined,
): HeadGuard {
  if (credentials === undefined) {
    return () => {
      throw new MediatorError('not_configured', { message: 'OPERATOR_USERNAME and OPERATOR_PASSWORD are not set.' });
    };
  }
  const check = createCredentialCheck(credentials);
  const limit = createFailureLimit(clock);

  const authenticate = (authorization: string, client: string): void => {
    const waitMs = limit.waitMs(client);
    if (waitMs > 0) {
      metrics.operatorRefusal.inc({ outcome: 'credentials_throttled' });
      throw new MediatorError('credentials_throttled', { retryAfterMs: waitMs });
    }
    try {
      check(authorization);
    } catch (thrown) {
      limit.failed(client);
      metrics.operatorRefusal.inc({ outcome: 'credentials_invalid' });
      throw thrown;
    }
  };

  return ({ method, headers, client }) => {
    const authorization = only(headers['authorization']);
    // A browser asks without any at first.
    if (authorization === undefined) throw new MediatorError('credentials_missing');
    authenticate(authorization, client);
    if (method !== 'GET' && method !== 'HEAD' && isFromElsewhere(headers)) {
      throw new MediatorError('cross_origin_refused');
    }
  };
}
