import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import type { HttpPeer } from '../test/peers/http-peer.js';
import type { Transaction } from '../test/peers/openhim-transaction.js';
import { startWorld, type World } from '../test/support/world.js';
import { createMediator, type Mediator } from './mediator.js';
import { createNarrator, type Narrator } from './narrator.js';
import { observe } from './observe.js';
import type { DemoOptions } from './options.js';

const INTRODUCTION = `National ID Mediator: the demo

Every person in it is invented. OpenHIM, OpenCRVS, MOSIP and the FHIR server are small servers on this machine that
check what they are sent as strictly as the real ones (test/peers). The mediator is the real one, on its embedded
store in a fresh folder.`;

/** What the acts of the demo play on. */
export interface Stage extends Narrator {
  readonly world: World;
  readonly mediator: Mediator;
  /** The mediator's environment, with MOSIP as national ID system. */
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
  const { deadlineMs, mappings, verbose, loseCredential } = options;
  const narrator = createNarrator(write);
  const logFile = verbose ? undefined : join(mkdtempSync(join(tmpdir(), 'national-id-mediator-demo-')), 'mediator.log');
  const log = logFile === undefined ? { write } : pino.destination({ dest: logFile, sync: true });
  const world = await startWorld();
  const mediator = createMediator(world.port, { log, deadlineMs });

  narrator.say(INTRODUCTION);
  narrator.say(logFile === undefined ? 'Its log lines stand between the steps.' : `Its log: ${logFile}`);

  const see: Stage['see'] = (peer, awaited, look) => observe(peer, awaited, look, deadlineMs);
  return {
    ...narrator,
    world,
    mediator,
    environment: { ...world.environment, ...(mappings === undefined ? {} : { MAPPINGS_DIR: resolve(mappings) }) },
    loseCredential,
    see,
    transaction: (awaited, isIt) =>
      see(world.router, awaited, () =>
        world.router.transactions.find((one) => isIt(one) && one.status === 'Successful' && one.faults.length === 0),
      ),
    async close() {
      await mediator.stop();
      await world.stop();
    },
  };
}
