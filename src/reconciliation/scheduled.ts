import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RegistrationSource } from '../opencrvs/index.js';
import { type Clock, isoNow, type Repeater, repeat } from '../runtime/index.js';
import type { Health, HealthCheck, Logger, Metrics } from '../telemetry/index.js';
import { type Found, type Here, type ReconcileReport, reconcile } from './reconcile.js';

/** What the runs of all instances share. */
export interface ReconcileStore extends Here {
  readonly notes: { read(name: string): Promise<unknown>; write(name: string, content: unknown): Promise<void> };
  /** Takes or prolongs a lease; false while another process holds it. */
  hold(name: string, holder: string, forMs: number): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
}

export interface ScheduledDeps {
  readonly source: RegistrationSource;
  /** @throws MediatorError `store_unavailable` while the store is not open */
  readonly store: () => ReconcileStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'reconciled'>;
  readonly check: HealthCheck;
}

export const LEASE = 'reconcile';
/** Longer than the longest page: each of its registrations may be read on its own. */
export const LEASE_MS = 30 * 60_000;

const NOTE = 'reconcile';
/** `through`: the last day that was gone through. */
const Note = z.object({ endedAt: z.iso.datetime(), through: z.iso.date().optional() });

const DAY_MS = 24 * 3_600_000;
/** Of the first run. */
const LOOK_BACK_MS = 7 * DAY_MS;
/** An index is behind its records, and a day is not over when it is gone through. */
const OVERLAP_MS = DAY_MS;
/** How often it is looked whether a run is due: another instance may have done it. */
const LOOK_EVERY_MS = 5 * 60_000;
/** After a run that ended early. */
const AGAIN_AFTER_MS = 60 * 60_000;

function wordsOf({ listed, taken, unreadable, endedBy }: ReconcileReport): string {
  const done = `${listed} registrations listed, ${taken} taken in, ${unreadable} unreadable.`;
  return endedBy === undefined ? done : `Ended early: ${endedBy.reason} ${done}`;
}

/** Runs a reconciliation every `everyMs`, in one instance at a time, from where the last one ended. */
export function startReconciliation(deps: ScheduledDeps, { everyMs }: { readonly everyMs: number }): Repeater {
  const { source, store, clock, log, metrics, check } = deps;
  const holder = randomUUID();
  let notBefore = clock.now() + LOOK_EVERY_MS;

  const tell = ({ type, registrationNumber, trackingId, result, eventId }: Found): void => {
    metrics.reconciled.inc({ result });
    const fields = { event: `reconcile.${result}`, kind: type, registrationNumber, trackingId, eventId };
    if (result === 'unreadable') log.error(fields, 'a registration of OpenCRVS cannot be read: an operator must look');
    else log.info(fields, 'a registration of OpenCRVS was not here');
  };

  const run = async (here: ReconcileStore, last: z.infer<typeof Note> | undefined, signal: AbortSignal) => {
    const until = new Date(clock.now());
    const since = new Date(
      last?.through === undefined ? clock.now() - LOOK_BACK_MS : Date.parse(last.through) - OVERLAP_MS,
    );
    const mayGoOn = (): Promise<boolean> => here.hold(LEASE, holder, LEASE_MS);
    const options = { since, until, dryRun: false };
    const report = await reconcile({ source, here, mayGoOn, onFound: tell }, options, signal);
    if (report.endedBy === undefined || report.through !== undefined) {
      const through = report.through ?? last?.through;
      // What ended early is due again: only its days count as done.
      const endedAt = report.endedBy === undefined ? isoNow(clock) : new Date(0).toISOString();
      await here.notes.write(NOTE, { endedAt, ...(through === undefined ? {} : { through }) });
    }
    const fields = { listed: report.listed, count: report.taken, reason: report.endedBy?.code };
    if (report.endedBy === undefined) log.info({ event: 'reconcile.ended', ...fields }, 'reconciled with OpenCRVS');
    else log.warn({ event: 'reconcile.ended_early', ...fields }, 'a reconciliation ended early, will be repeated');
    return report;
  };

  const runIfDue = async (signal: AbortSignal): Promise<void> => {
    if (clock.now() < notBefore) return;
    const here = store();
    const last = Note.safeParse(await here.notes.read(NOTE)).data;
    if (last !== undefined && clock.now() < Date.parse(last.endedAt) + everyMs) return;
    if (!(await here.hold(LEASE, holder, LEASE_MS))) return;
    try {
      const report = await run(here, last, signal);
      // A used quota passes by itself; anything else is for somebody to see.
      const passes = report.endedBy === undefined || report.endedBy.code === 'peer_quota_used';
      check.report(passes && report.unreadable === 0 ? 'ok' : 'degraded', wordsOf(report));
      if (report.endedBy !== undefined) notBefore = clock.now() + AGAIN_AFTER_MS;
    } finally {
      await here.release(LEASE, holder);
    }
  };

  return repeat(clock, async (signal) => {
    try {
      await runIfDue(signal);
    } catch (thrown) {
      log.warn({ event: 'reconcile.failed', err: thrown }, 'the store failed around a reconciliation');
    }
    return LOOK_EVERY_MS;
  });
}

/** What the health check `reconcile` says where there is nothing to run. */
const NOT_POSSIBLE =
  'not possible: OpenCRVS does not let registrations be listed here. Use `national-id-mediator reconcile --from FILE`.';

export interface ScheduleDeps extends Omit<ScheduledDeps, 'source' | 'check'> {
  readonly health: Pick<Health, 'check'>;
  readonly opencrvs: { readonly registrationList: RegistrationSource | undefined };
}

/** Starts the runs that the settings ask for, and says in the readiness how they stand. */
export function startScheduled(
  { health, opencrvs, ...deps }: ScheduleDeps,
  { reconcileEveryMs: everyMs }: { readonly reconcileEveryMs: number | undefined },
): Repeater | undefined {
  const check = health.check('reconcile', 'ok', 'No run has ended yet.');
  const { registrationList: source } = opencrvs;
  if (source === undefined || everyMs === undefined) {
    check.report('ok', source === undefined ? NOT_POSSIBLE : 'Switched off by RECONCILE_EVERY_HOURS=0.');
    return undefined;
  }
  return startReconciliation({ ...deps, source, check }, { everyMs });
}
