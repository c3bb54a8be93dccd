import { createHmac } from 'node:crypto';
import type { Settings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import type { NationalIdSystem } from '../national-id/index.js';
import type { RecordReader, WriteBack } from '../opencrvs/index.js';
import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { Health, Logger, Metrics } from '../telemetry/index.js';
import type { Accept, AcceptCallback } from '../vital-events/index.js';
import { createAccept } from './accept.js';
import { createAcceptCallback } from './accept-callback.js';
import { startPgBossJobs } from './pg-boss-jobs.js';
import { startReplyWatch } from './reply-watch.js';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.js';
import { createAnswerStep } from './steps/answer.js';
import { createDeliverStep } from './steps/deliver.js';
import { createExpireStep } from './steps/expire.js';
import type { StepDeps } from './steps/step.js';
import { createSubmitStep } from './steps/submit.js';
import {
  connect,
  createCallbackStore,
  createEventContents,
  createEventStore,
  createHistory,
  createPersonIndex,
  createSealer,
  type Database,
  openDatabase,
} from './store/index.js';
import { startSweep } from './sweep.js';
import { startWorker } from './worker.js';

export interface PipelineDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly random: () => number;
  readonly system: NationalIdSystem;
  readonly opencrvs: { readonly writeBack: WriteBack; readonly recordReader: Pick<RecordReader, 'completeEvent'> };
}

export interface PipelineOptions {
  readonly retry?: RetryPolicy;
  readonly sweepEveryMs?: number;
  /** How the store is opened, before its schema is brought up to date. Default: by the settings. */
  readonly open?: () => Promise<Database>;
  /** Told once, when events can be taken. */
  readonly onOpen?: () => void;
  /** Told when the pipeline can never start, because another process holds its data. */
  readonly onFatal: (error: MediatorError) => void;
}

/** Carries each accepted event to the national ID system and its answer back to OpenCRVS. */
export interface Pipeline {
  readonly accept: Accept;
  readonly acceptCallback: AcceptCallback;
  /** Opens the store in the background, again and again until it can be; then works. Returns at once. */
  start(): void;
  /** Ends the jobs in hand or gives them back, then closes the store. */
  stop(timeoutMs: number): Promise<void>;
}

type PipelineSettings = Pick<Settings, 'store' | 'keys' | 'retentionDays' | 'answerDeadlineMs' | 'birthCancellation'>;

const OPEN_RETRY_MS = 2_000;
const PING_MS = 5_000;
const SWEEP_MS = 60_000;

interface Open {
  readonly accept: Accept;
  readonly acceptCallback: AcceptCallback;
  readonly stop: (timeoutMs: number) => Promise<void>;
}

export function createPipeline(deps: PipelineDeps, settings: PipelineSettings, options: PipelineOptions): Pipeline {
  const { clock, log, metrics, health, random, system } = deps;
  const { writeBack, recordReader } = deps.opencrvs;
  const repliesHealth = health.check('replies', 'ok');
  const storeHealth = health.check('store', 'down', 'The store is not open yet.');
  const abort = new AbortController();
  let open: Open | undefined;
  let opening: Repeater | undefined;

  /** The key under which an event is known at the national ID system: derived, so that it is the same after any loss. */
  const outwardKeyOf = (eventKey: string): string =>
    system.outwardKey(
      createHmac('sha256', settings.keys.index).update(`outward\n${system.name}\n${eventKey}`).digest(),
    );

  const assemble = async (database: Database): Promise<Open> => {
    const sealer = createSealer(settings.keys.encryption);
    const jobs = await startPgBossJobs({ database, log });
    const stepDeps: StepDeps = {
      database,
      jobs,
      events: createEventStore(sealer),
      contents: createEventContents(sealer),
      callbacks: createCallbackStore(sealer),
      persons: createPersonIndex(settings.keys.index),
      history: createHistory(),
      clock,
      log,
      metrics,
      random,
      retry: options.retry ?? DEFAULT_RETRY,
    };
    const { answerDeadlineMs, birthCancellation } = settings;
    const rules = { birthCancellation };
    const steps = {
      submit: createSubmitStep(stepDeps, { system, recordReader, answerDeadlineMs, outwardKeyOf, rules }),
      expire: createExpireStep(stepDeps),
      deliver: createDeliverStep(stepDeps, { writeBack }),
      answer: createAnswerStep(stepDeps, { door: system.callback }),
    };
    await startWorker({ jobs, clock, log }, steps, abort.signal);
    const sweep = startSweep(stepDeps, {
      everyMs: options.sweepEveryMs ?? SWEEP_MS,
      retentionDays: settings.retentionDays,
    });
    const replyWatch = startReplyWatch({ ...stepDeps, check: repliesHealth });
    const ping = repeat(clock, async () => {
      try {
        await database.query('select 1');
        storeHealth.report('ok');
      } catch (thrown) {
        storeHealth.report('down', 'The store does not answer.');
        log.warn({ event: 'store.unavailable', err: thrown }, 'the store does not answer');
      }
      return PING_MS;
    });
    const accepting = { system: system.name, outwardKeyOf };
    return {
      accept: createAccept(stepDeps, accepting),
      acceptCallback: createAcceptCallback(stepDeps, accepting),
      async stop(timeoutMs) {
        await Promise.all([sweep.stop(), replyWatch.stop(), ping.stop()]);
        await jobs.stop(timeoutMs);
        await database.close();
      },
    };
  };

  const tryToOpen = async (): Promise<void> => {
    const database = await openDatabase(options.open ?? (() => connect({ log }, settings.store)));
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
    acceptCallback: async (deliveryId, rawBody) => whenOpen().acceptCallback(deliveryId, rawBody),
    start() {
      opening = repeat(clock, async () => {
        try {
          await tryToOpen();
          return Number.POSITIVE_INFINITY;
        } catch (thrown) {
          storeHealth.report('down', 'The store cannot be opened.');
          if (thrown instanceof MediatorError && thrown.code === 'store_locked') {
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
