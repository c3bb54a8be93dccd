import type { Settings } from '../config/index.js';
import { type ErrorCode, MediatorError } from '../errors/index.js';
import type { AcceptCallback, NationalIdSystems } from '../national-id/index.js';
import type { RecordReader, WriteBack } from '../opencrvs/index.js';
import type { Transactions } from '../openhim/index.js';
import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { Health, Logger, Metrics } from '../telemetry/index.js';
import { type Accept, createEligibility } from '../vital-events/index.js';
import { createAccept } from './accept.js';
import { createAcceptCallback } from './accept-callback.js';
import { type Backfill, createBackfill, foundLater } from './backfill.js';
import { startBacklogWatch } from './backlog-watch.js';
import type { AnswerWaits } from './change-for-answer.js';
import type { Jobs } from './jobs.js';
import { createOperator, type Operator } from './operator/index.js';
import { DEFAULT_REPORTS, type ReportPolicy, startOutcomeReports } from './outcome-reports.js';
import { outwardKeys } from './outward-key.js';
import { createPause, startPauseWatch } from './pause.js';
import { startPgBossJobs } from './pg-boss-jobs.js';
import { startReplyWatch } from './reply-watch.js';
import { type RetryPolicy, retryPolicy } from './retry.js';
import { createAnswerStep } from './steps/answer.js';
import { createDeliverStep } from './steps/deliver.js';
import { createPollSteps } from './steps/poll.js';
import { recorded, type StepDeps } from './steps/step.js';
import { createSubmitStep } from './steps/submit.js';
import {
  connect,
  createAudit,
  createEventFinder,
  createNotes,
  createReportStore,
  createStores,
  type Database,
  keepIndexKey,
  NO_REPORTS,
  type Notes,
  openDatabase,
} from './store/index.js';
import { startStoreWatch } from './store-watch.js';
import { startSweep } from './sweep.js';
import { startWorker } from './worker.js';

export interface PipelineDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly random: () => number;
  readonly systems: Pick<NationalIdSystems, 'current' | 'named'>;
  /** Where the outcomes of events are told; without it they are not. */
  readonly transactions?: Transactions | undefined;
  readonly opencrvs: { readonly writeBack: WriteBack; readonly recordReader: Pick<RecordReader, 'completeEvent'> };
}

export interface PipelineOptions {
  readonly retry?: RetryPolicy;
  readonly sweepEveryMs?: number;
  readonly reports?: ReportPolicy;
  /** When a job of a process that died comes back. Default: a minute. */
  readonly jobExpirySeconds?: number | undefined;
  /** Default: pg-boss. */
  readonly startJobs?: (deps: { readonly database: Database; readonly log: Logger }) => Promise<Jobs>;
  /** How the store is opened, before its schema is brought up to date. Default: by the settings. */
  readonly open?: () => Promise<Database>;
  /** Called with the service's own notes when the store is open, before any event is worked on. */
  readonly beforeWork?: (notes: Notes) => Promise<void>;
  /** Told once, when events can be taken. */
  readonly onOpen?: () => void;
  /** Told when the pipeline can never start, because another process holds its data. */
  readonly onFatal: (error: MediatorError) => void;
}

/** Carries each accepted event to the national ID system and its answer back to OpenCRVS. */
export interface Pipeline {
  readonly accept: Accept;
  readonly acceptCallback: AcceptCallback;
  /** @throws MediatorError `store_unavailable` while the store is not open */
  operator(): Operator;
  /** For registrations that a reconciliation finds. @throws MediatorError `store_unavailable` while the store is not open */
  backfill(): Backfill;
  /** Opens the store in the background, again and again until it can be; then works. Returns at once. */
  start(): void;
  /** Ends the jobs in hand or gives them back, then closes the store. */
  stop(timeoutMs: number): Promise<void>;
}

type PipelineSettings = Pick<
  Settings,
  | 'store'
  | 'keys'
  | 'retentionDays'
  | 'answerDeadlineMs'
  | 'statusPollMs'
  | 'birthCancellation'
  | 'mappingsDir'
  | 'eligibilityRule'
  | 'submissionsPaused'
  | 'retry'
>;

const OPEN_RETRY_MS = 2_000;
/** With these, opening the store again changes nothing. */
const FATAL_CODES: ReadonlySet<ErrorCode> = new Set(['store_locked', 'settings_invalid']);
const SWEEP_MS = 60_000;

interface Open {
  readonly accept: Accept;
  readonly acceptCallback: AcceptCallback;
  readonly operator: Operator;
  readonly backfill: Backfill;
  readonly stop: (timeoutMs: number) => Promise<void>;
}

/** `settings` tells them as they are now; the store and the keys are those of the start. */
export function createPipeline(
  deps: PipelineDeps,
  settings: () => PipelineSettings,
  options: PipelineOptions,
): Pipeline {
  const { clock, log, metrics, health, random, systems, transactions } = deps;
  const { keys, store } = settings();
  const pause = createPause(() => settings().submissionsPaused);
  const { writeBack, recordReader } = deps.opencrvs;
  const repliesHealth = health.check('replies', 'ok');
  const storeHealth = health.check('store', 'down', 'The store is not open yet.');
  const abort = new AbortController();
  let open: Open | undefined;
  let opening: Repeater | undefined;

  const outwardKeyOf = outwardKeys(keys.index);

  const assemble = async (database: Database): Promise<Open> => {
    const notes = createNotes(database);
    await keepIndexKey(notes, keys.index);
    const stores = createStores(keys);
    const reportPolicy = options.reports ?? DEFAULT_REPORTS;
    const jobs = await (options.startJobs?.({ database, log }) ??
      startPgBossJobs({ database, log }, { expireInSeconds: options.jobExpirySeconds }));
    const stepDeps: StepDeps = {
      database,
      jobs,
      ...stores,
      reports: transactions === undefined ? NO_REPORTS : createReportStore(reportPolicy),
      clock,
      log,
      metrics,
      random,
      get retry() {
        return options.retry ?? retryPolicy(settings().retry);
      },
    };
    const eligibility = createEligibility(settings);
    const waits = (): AnswerWaits => ({ deadlineMs: settings().answerDeadlineMs, pollMs: settings().statusPollMs });
    const steps = {
      submit: createSubmitStep(stepDeps, {
        systems,
        recordReader,
        eligibility,
        waits,
        outwardKeyOf,
        rules: settings,
        pause,
      }),
      ...createPollSteps(stepDeps, { systems, waits }),
      deliver: createDeliverStep(stepDeps, { writeBack }),
      answer: createAnswerStep(stepDeps, { systems }),
    };
    await options.beforeWork?.(notes);
    await startWorker({ jobs, clock, log }, transactions === undefined ? steps : recorded(steps), abort.signal);
    const sweep = startSweep(stepDeps, {
      everyMs: options.sweepEveryMs ?? SWEEP_MS,
      retentionDays: settings().retentionDays,
      isPaused: () => settings().submissionsPaused,
    });
    const pauseWatch = startPauseWatch(stepDeps, pause);
    const replyWatch = startReplyWatch({ ...stepDeps, check: repliesHealth });
    const outcomeReports =
      transactions === undefined ? undefined : startOutcomeReports({ ...stepDeps, transactions }, reportPolicy);
    const finder = createEventFinder();
    const backlogWatch = startBacklogWatch({ ...stepDeps, finder });
    const storeWatch = startStoreWatch({ ...stepDeps, check: storeHealth });
    const { lost } = stores;
    const intakeDeps = { ...stepDeps, database: database.intake ?? database, lost, failed: storeWatch.failed };
    const found = foundLater('Found by a reconciliation with OpenCRVS.');
    const repeaters = [sweep, pauseWatch, replyWatch, outcomeReports, backlogWatch, storeWatch];
    return {
      accept: createAccept(intakeDeps, { systems, outwardKeyOf }),
      acceptCallback: createAcceptCallback(intakeDeps),
      backfill: createBackfill({ database, lost }, createAccept(intakeDeps, { systems, outwardKeyOf, found })),
      operator: createOperator({ ...stepDeps, finder, audit: createAudit() }),
      async stop(timeoutMs) {
        await Promise.all(repeaters.map((repeater) => repeater?.stop()));
        await jobs.stop(timeoutMs);
        await database.close();
      },
    };
  };

  const tryToOpen = async (): Promise<void> => {
    const database = await openDatabase(options.open ?? (() => connect({ log }, store)));
    try {
      open = await assemble(database);
    } catch (thrown) {
      await database.close();
      throw thrown;
    }
    storeHealth.report('ok');
    log.info({ event: 'store.opened' }, 'the store is open');
    options.onOpen?.();
  };

  const whenOpen = (): Open => {
    if (open === undefined) throw new MediatorError('store_unavailable', { retryAfterMs: 5_000 });
    return open;
  };

  return {
    accept: async (incoming) => whenOpen().accept(incoming),
    acceptCallback: async (...given) => whenOpen().acceptCallback(...given),
    operator: () => whenOpen().operator,
    backfill: () => whenOpen().backfill,
    start() {
      opening = repeat(clock, async () => {
        try {
          await tryToOpen();
          return Number.POSITIVE_INFINITY;
        } catch (thrown) {
          storeHealth.report('down', 'The store cannot be opened.');
          if (thrown instanceof MediatorError && FATAL_CODES.has(thrown.code)) {
            options.onFatal(thrown);
            return Number.POSITIVE_INFINITY;
          }
          log.warn({ event: 'store.open_failed', err: thrown }, 'the store cannot be opened, will try again');
          return OPEN_RETRY_MS;
        }
      });
    },
    async stop(timeoutMs) {
      abort.abort();
      await opening?.stop();
      await open?.stop(timeoutMs);
      open = undefined;
    },
  };
}
