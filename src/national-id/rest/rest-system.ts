import { compileMapping, type DocumentSettings, type RestSettings } from '../../config/index.js';
import type { OutboundClient } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Health, Logger, Metrics } from '../../telemetry/index.js';
import { NO_DOCUMENTS } from '../../vital-events/index.js';
import { withDocuments } from '../event-mapping.js';
import { nothingSupported } from '../not-supported.js';
import type { Capability, NationalIdSystem, Submission } from '../port.js';
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

/** Operations in whose requests an event is seen. */
const EVENT_OPERATIONS = ['issue', 'deactivate', 'update', 'reactivate', 'status'] as const;

/** Whether a request of the file names the documents of an event. */
function namesDocuments({ operations }: RestSettings): boolean {
  const expressions = EVENT_OPERATIONS.flatMap((name) => {
    const { parameters, query, headers, body } = operations[name] ?? {};
    return [...[parameters, query, headers].flatMap((group) => Object.values(group ?? {})), body ?? '""'];
  });
  return expressions.some((text) => compileMapping('operations', text).names('documents'));
}

/**
 * A national ID system that a file describes: its capabilities are the operations in the file. Health check `rest`. Where
 * a request in the file names `documents`, expressions see those that are let out.
 *
 * @throws MediatorError `mapping_failed` when an expression does not compile, which a file that was read rules out
 */
export function createRestSystem(
  { outbound, clock, log, metrics, health }: RestSystemDeps,
  settings: RestSettings,
  documents: DocumentSettings = NO_DOCUMENTS,
): NationalIdSystem {
  const { operations, baseUrl } = settings;
  const authorization = createRestAuthorization({ outbound, clock, log, metrics }, settings);
  const deps: OperationDeps = { outbound, authorization, clock, check: health.check('rest'), baseUrl };
  const given = namesDocuments(settings) ? documents : NO_DOCUMENTS;
  const showing =
    <A>(operate: (submission: Submission) => Promise<A>) =>
    (submission: Submission): Promise<A> =>
      operate(withDocuments(submission, given));
  const status = operations.status && showing(createStatus(deps, operations.status));
  const change = (name: Exclude<(typeof EVENT_OPERATIONS)[number], 'status'>) => {
    const definition = operations[name];
    return definition && { [name]: showing(createChange(deps, name, definition, status)) };
  };

  return {
    ...nothingSupported,
    name: 'rest',
    biometrics: given.pass,
    capabilities: capabilitiesOf(settings),
    outwardKey: (digest) => outwardKey(digest, settings.key),
    ...change('issue'),
    ...change('deactivate'),
    ...change('update'),
    ...change('reactivate'),
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
