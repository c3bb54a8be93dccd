import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import type { HttpPeer } from '../test/peers/http-peer.js';
import type { Transaction } from '../test/peers/openhim-transaction.js';
import { startWorld, type World } from '../test/support/world.js';
import { createMediator, type Mediator } from './mediator.js';
import { createNarrator, type Narrator } from './narrator.js';
import { openPart as openNationalIdPart } from './national-id/open-part.js';
import type { NationalIdPart } from './national-id/part.js';
import { observe } from './observe.js';
import { openPart, SYSTEMS } from './opencrvs/open-part.js';
import type { OpenCrvsPart } from './opencrvs/part.js';
import type { DemoOptions } from './options.js';

const SHIPPED_MAPPINGS = join(import.meta.dirname, '../config/mappings');

function introduction({ opencrvs, system }: DemoOptions): string {
  return `National ID Mediator: the demo with OpenCRVS ${opencrvs}, NATIONAL_ID_SYSTEM=${system}

Every person in it is invented. OpenHIM, OpenCRVS and the national ID systems are small servers on this machine that
check what they are sent as strictly as the real ones (test/peers). The mediator is the real one, on its embedded
store in a fresh folder.`;
}

interface Call {
  readonly request: { readonly method: string; readonly path: string };
}

export const isPostTo =
  (path: string) =>
  ({ request }: Call): boolean =>
    request.method === 'POST' && request.path.startsWith(path);

/** What the acts of the demo play on. */
export interface Stage extends Narrator {
  readonly world: World;
  readonly mediator: Mediator;
  readonly opencrvs: OpenCrvsPart;
  readonly nationalId: NationalIdPart;
  /** The mediator's environment in the first two acts. */
  readonly environment: Readonly<Record<string, string>>;
  readonly loseCredential: boolean;
  /** Waits at a peer for what `look` finds; see {@link observe}. */
  see<T>(peer: HttpPeer, awaited: string, look: () => T | undefined): Promise<T>;
  /** Waits for a transaction that OpenHIM has ended well. */
  transaction(awaited: string, isIt: (transaction: Transaction) => boolean): Promise<Transaction>;
  close(): Promise<void>;
}

/** Starts every peer; the mediator is started by the first act. */
export async function openStage(options: DemoOptions, write: (text: string) => void): Promise<Stage> {
  const { deadlineMs, opencrvs: version, system, mappings, verbose, loseCredential } = options;
  const narrator = createNarrator(write);
  const logFile = verbose ? undefined : join(mkdtempSync(join(tmpdir(), 'national-id-mediator-demo-')), 'mediator.log');
  const log = logFile === undefined ? { write } : pino.destination({ dest: logFile, sync: true });
  const world = await startWorld({ opencrvs: SYSTEMS[version] });
  const mappingsDir = mappings === undefined ? SHIPPED_MAPPINGS : resolve(mappings);
  const opencrvs = await openPart(version, world, { mappingsDir, system });
  const nationalId = await openNationalIdPart(system, world, opencrvs);
  const mediator = createMediator(world.port, { log, deadlineMs });

  narrator.say(introduction(options));
  narrator.say(logFile === undefined ? 'Its log lines stand between the steps.' : `Its log: ${logFile}`);

  const see: Stage['see'] = (peer, awaited, look) => observe(peer, awaited, look, deadlineMs);
  return {
    ...narrator,
    world,
    mediator,
    opencrvs,
    nationalId,
    environment: {
      ...world.bareEnvironment,
      ...opencrvs.environment,
      ...nationalId.environment,
      MAPPINGS_DIR: mappingsDir,
    },
    loseCredential,
    see,
    transaction: (awaited, isIt) =>
      see(world.router, awaited, () =>
        world.router.transactions.find((one) => isIt(one) && one.status === 'Successful' && one.faults.length === 0),
      ),
    async close() {
      await mediator.stop();
      await Promise.all([opencrvs.stop(), nationalId.stop(), world.stop()]);
    },
  };
}
