import type { RestSettings } from '../../config/index.js';
import type { OutboundClient } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Health, Logger, Metrics } from '../../telemetry/index.js';
import { nothingSupported } from '../not-supported.js';
import type { Capability, NationalIdSystem } from '../port.js';
import { createRestAuthorization } from './authorization.js';
import { createCallback } from './callback.js';
import type { OperationDeps, OperationName } from './operation.js';
import { outwardKey } from './outward-key.js';
import { createCheckAge, createLookup, createVerify } from './queries.js';
import { createChange, createStatus } from './submissions.js';

export interface RestSystemDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
}

const CAPABILITY_OF: Readonly<Record<OperationName, Capability>> = {
  issue: 'issue',
  deactivate: 'deactivate',
  update: 'update',
  reactivate: 'reactivate',
  status: 'status',
  verify: 'verify',
  checkAge: 'age-check',
  lookup: 'lookup',
};

function capabilitiesOf({ operations, callback }: RestSettings): ReadonlySet<Capability> {
  const names = (Object.keys(CAPABILITY_OF) as OperationName[]).filter((name) => operations[name] !== undefined);
  return new Set([
    ...names.map((name) => CAPABILITY_OF[name]),
    ...(callback === undefined ? [] : ['callback' as const]),
  ]);
}

/**
 * A national ID system that a file describes: its capabilities are the operations in the file. Health check `rest`.
 *
 * @throws MediatorError `mapping_failed` when an expression does not compile, which a file that was read rules out
 */
export function createRestSystem(
  { outbound, clock, log, metrics, health }: RestSystemDeps,
  settings: RestSettings,
): NationalIdSystem {
  const { operations, baseUrl } = settings;
  const authorization = createRestAuthorization({ outbound, clock, log, metrics }, settings);
  const deps: OperationDeps = { outbound, authorization, clock, check: health.check('rest'), baseUrl };
  const status = operations.status && createStatus(deps, operations.status);

  return {
    ...nothingSupported,
    name: 'rest',
    capabilities: capabilitiesOf(settings),
    outwardKey: (digest) => outwardKey(digest, settings.key),
    ...(operations.issue && { issue: createChange(deps, 'issue', operations.issue, status) }),
    ...(operations.deactivate && { deactivate: createChange(deps, 'deactivate', operations.deactivate, status) }),
    ...(operations.update && { update: createChange(deps, 'update', operations.update, status) }),
    ...(operations.reactivate && { reactivate: createChange(deps, 'reactivate', operations.reactivate, status) }),
    ...(status && { status }),
    ...(operations.verify && { verify: createVerify(deps, operations.verify) }),
    ...(operations.checkAge && { checkAge: createCheckAge(deps, operations.checkAge) }),
    ...(operations.lookup && { lookup: createLookup(deps, operations.lookup) }),
    ...(settings.callback && { callback: createCallback(settings.callback) }),
    start: () => undefined,
    async stop() {
      authorization.stop();
    },
  };
}
