import { isDeepStrictEqual } from 'node:util';
import type { DocumentSettings, NationalIdSettings } from '../config/index.js';
import type { ClientCertificate } from '../outbound/index.js';
import type { Repeater } from '../runtime/index.js';
import { createCallbackDoors } from './callback-doors.js';
import { expiryOf, startCertificateWatch } from './certificate-watch.js';
import { countCalls } from './count-calls.js';
import { createNationalIdSystem, type NationalIdSystemDeps } from './create-national-id-system.js';
import { deferChecks } from './defer-checks.js';
import type { CallbackDoors, NationalIdSystem, NationalIdSystemName } from './port.js';

export interface NationalIdSystemsSettings {
  /** The system that new events go to. */
  readonly nationalId: NationalIdSettings;
  /** Others that finish the events first sent to them. */
  readonly otherNationalIds: readonly NationalIdSettings[];
  readonly nationalIdMappingsDir: string;
  /** What of the documents of an event its mappings may pass on. */
  readonly documents: DocumentSettings;
  /** Shown to systems that ask for one; its expiry is watched. Never changes meanwhile. */
  readonly clientCertificate?: ClientCertificate | undefined;
}

/** Every national ID system that is configured, as the settings are now. */
export interface NationalIdSystems {
  /** The one that new events go to. */
  current(): NationalIdSystem;
  /** The one of this name; undefined where it is not configured well enough to finish its events. */
  named(name: NationalIdSystemName): NationalIdSystem | undefined;
  /** One door for the callbacks of all of them. */
  readonly callback: CallbackDoors;
  /**
   * Puts new systems in the place of those whose settings changed. The old ones end their calls in hand, then stop.
   *
   * @throws MediatorError `mapping_failed` when the system for new events cannot be built; nothing has changed then
   */
  apply(settings: NationalIdSystemsSettings): void;
  start(): void;
  stop(): Promise<void>;
}

interface Entry {
  readonly settings: NationalIdSettings;
  readonly mappingsDir: string;
  readonly system: NationalIdSystem;
  /** Resolves when no call is in hand. */
  idle(): Promise<void>;
  /** Shows the health of its peers from now on. */
  showChecks(): void;
  readonly checks: readonly string[];
}

/**
 * Builds every configured system.
 *
 * @throws MediatorError `mapping_failed` when the system for new events cannot be built
 */
export function createNationalIdSystems(
  deps: NationalIdSystemDeps,
  settings: NationalIdSystemsSettings,
  create: typeof createNationalIdSystem = createNationalIdSystem,
): NationalIdSystems {
  const { clock, log, metrics, health } = deps;
  // The console changes neither.
  const { clientCertificate, documents } = settings;
  const certificateCheck = clientCertificate && health.check('client-certificate');
  let certificateWatch: Repeater | undefined;
  let entries: readonly Entry[] = [];
  let isStarted = false;
  const retiring = new Set<Promise<void>>();

  const build = (one: NationalIdSettings, mappingsDir: string): Entry => {
    const deferred = deferChecks(health);
    const { system, idle } = countCalls(
      create({ ...deps, health: deferred.health }, one, { dir: mappingsDir, documents }),
    );
    return { settings: one, mappingsDir, system, idle, showChecks: deferred.show, checks: deferred.names };
  };

  const isCurrent = (entry: Entry, one: NationalIdSettings, mappingsDir: string): boolean =>
    entry.mappingsDir === mappingsDir && isDeepStrictEqual(entry.settings, one);

  const entryFor = (one: NationalIdSettings, mappingsDir: string): Entry => {
    const running = entries.find((entry) => entry.settings.system === one.system);
    return running !== undefined && isCurrent(running, one, mappingsDir) ? running : build(one, mappingsDir);
  };

  /** One that new events do not go to: without it they still can, so it is left as it was, or out. */
  const otherEntryFor = (one: NationalIdSettings, mappingsDir: string): Entry[] => {
    try {
      return [entryFor(one, mappingsDir)];
    } catch (thrown) {
      log.warn(
        { event: 'national_id.left_out', setting: one.system, err: thrown },
        'a national ID system that is configured beside the chosen one cannot be used',
      );
      return entries.filter((entry) => entry.settings.system === one.system);
    }
  };

  const retire = async (entry: Entry): Promise<void> => {
    try {
      await entry.idle();
      await entry.system.stop();
    } catch (thrown) {
      log.warn({ event: 'national_id.stop_failed', err: thrown }, 'a national ID system did not stop cleanly');
    }
  };

  const apply = ({ nationalId, otherNationalIds, nationalIdMappingsDir: dir }: NationalIdSystemsSettings): void => {
    const next = [entryFor(nationalId, dir), ...otherNationalIds.flatMap((one) => otherEntryFor(one, dir))];
    const left = entries.filter((entry) => !next.includes(entry));
    const fresh = next.filter((entry) => !entries.includes(entry));
    entries = next;
    for (const entry of fresh) entry.showChecks();
    const shown = new Set(next.flatMap(({ checks }) => checks));
    for (const name of left.flatMap(({ checks }) => checks)) if (!shown.has(name)) health.forget(name);
    for (const entry of left) {
      const retired = retire(entry).finally(() => retiring.delete(retired));
      retiring.add(retired);
    }
    if (isStarted) for (const { system } of fresh) system.start();
  };
  apply(settings);

  const current = (): NationalIdSystem => {
    const [first] = entries;
    if (first === undefined) throw new Error('unreachable: the first apply has built a system or thrown');
    return first.system;
  };

  return {
    current,
    named: (name) => entries.find(({ system }) => system.name === name)?.system,
    callback: createCallbackDoors(() => entries.map(({ system }) => system)),
    apply,
    start() {
      isStarted = true;
      if (clientCertificate !== undefined && certificateCheck !== undefined) {
        const expiries = [expiryOf('client', clientCertificate.cert)];
        certificateWatch ??= startCertificateWatch({ clock, log, metrics, check: certificateCheck }, expiries);
      }
      for (const { system } of entries) system.start();
    },
    async stop() {
      isStarted = false;
      await Promise.all([...entries.map(({ system }) => system.stop()), ...retiring, certificateWatch?.stop()]);
    },
  };
}
