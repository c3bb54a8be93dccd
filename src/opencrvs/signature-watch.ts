import { type Clock, isoNow } from '../runtime/index.js';
import type { Health, Logger } from '../telemetry/index.js';

export interface SignatureWatchDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
}

export interface SignatureWatchOptions {
  /** Wrong signatures in a row that are taken for a changed secret. Default 3. */
  readonly failures?: number;
}

/** Told of every signature that was checked. */
export interface SignatureWatch {
  passed(): void;
  failed(): void;
}

const DEFAULT_FAILURES = 3;

const wordsFor = (since: string): string =>
  `Every OpenCRVS webhook since ${since} has a wrong signature, and OpenCRVS sends none of them again. ` +
  'If its system client was made anew, set OPENCRVS_SHA_SECRET to the new sha_secret, with the old one behind it after ' +
  'a comma as long as both are in use; subscriptions are then made anew by themselves.';

/**
 * Notices that OpenCRVS signs with another secret: one wrong signature may be anybody's, but several in a row and no
 * right one between them are OpenCRVS's own. A subscription signs with the `sha_secret` it was made with, so that a
 * client made anew comes with another one (reference/opencrvs.md 1.3, 3.5). Health check `opencrvs-signature`.
 */
export function createSignatureWatch(deps: SignatureWatchDeps, options: SignatureWatchOptions = {}): SignatureWatch {
  const { clock, log, health } = deps;
  const { failures = DEFAULT_FAILURES } = options;
  const check = health.check('opencrvs-signature', 'unknown', 'No webhook has come yet.');
  let inARow = 0;
  let since = '';

  return {
    passed() {
      if (inARow >= failures) log.info({ event: 'signature.restored' }, 'webhook signatures are right again');
      inARow = 0;
      check.report('ok');
    },
    failed() {
      if (inARow === 0) since = isoNow(clock);
      inARow += 1;
      if (inARow < failures) return;
      check.report('degraded', wordsFor(since));
      if (inARow === failures) log.warn({ event: 'signature.failing' }, wordsFor(since));
    },
  };
}
