import { QUEUES, type Queue } from '../../src/pipeline/queues.js';
import type { Metrics } from '../../src/telemetry/index.js';
import { createMemoryLog } from '../fakes/memory-log.js';
import { seededRandom } from '../support/seeded-random.js';
import { FATES, HeldCalls } from './held-calls.js';
import { type Letter, makeInbox } from './inbox.js';
import { violationsIn } from './invariants.js';
import { Outside } from './outside.js';
import { type Deployment, SimProcess } from './process.js';
import { SimClock } from './sim-clock.js';
import type { SimEngine } from './sim-database.js';

export interface HistoryOptions {
  readonly seed: number;
  /** Breaks something on purpose, to see that it is found. */
  readonly mutation?: 'system-ignores-keys' | 'acknowledged-before-stored';
}

export interface HistoryResult {
  readonly seed: number;
  readonly violations: readonly string[];
  /** What happened, a line an action. */
  readonly trace: readonly string[];
}

const PROCESSES = 2;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Rounds of work after which a history that does not come to rest counts as one that never will. */
const MOST_ROUNDS = 3_000;

/** One seed's history: a few people's registrations, and everything that may happen to them on the way. */
class History {
  readonly trace: string[] = [];
  readonly #random: () => number;
  readonly #deployment: Deployment;
  readonly #inbox: Letter[];
  readonly #processes: SimProcess[];
  readonly #logLines: readonly string[];
  readonly #losesAcknowledged: boolean;

  constructor(engine: SimEngine, metrics: Metrics, { seed, mutation }: HistoryOptions) {
    const random = seededRandom(seed * 2_654_435_761);
    const { log, lines } = createMemoryLog('info');
    this.#random = random;
    this.#logLines = lines;
    this.#losesAcknowledged = mutation === 'acknowledged-before-stored';
    const outside = new Outside(random, { ignoresKeys: mutation === 'system-ignores-keys' });
    const clock = new SimClock();
    this.#deployment = { engine, clock, calls: new HeldCalls(), outside, random, log, metrics };
    this.#inbox = makeInbox(random);
    this.#processes = Array.from({ length: PROCESSES }, () => new SimProcess(this.#deployment));
  }

  /** Plays a while with every kind of trouble, then without any until all has come to rest; gives what is wrong then. */
  async play(): Promise<string[]> {
    const { engine, clock } = this.#deployment;
    await engine.setNow(clock.now);
    await this.#settle();
    const actions = 20 + Math.floor(this.#random() * 60);
    for (let action = 0; action < actions; action += 1) {
      this.#act();
      await this.#settle();
      await this.#pass(1);
    }
    this.#say('no more trouble');
    const cameToRest = await this.#comeToRest();
    const violations = await violationsIn(this.#deployment, this.#inbox, this.#logLines);
    return cameToRest ? violations : ['the history did not come to rest', ...violations];
  }

  /** One thing that may happen at any moment. */
  #act(): void {
    const process = this.#any(this.#processes);
    const dice = this.#random();
    if (process === undefined) return;
    if (dice < 0.2) this.#deliver(this.#any(this.#inbox), process);
    else if (dice < 0.45) this.#work(process);
    else if (dice < 0.7) this.#endCall();
    else if (dice < 0.8) this.#callBack(process);
    else if (dice < 0.9) this.#deployment.clock.takeDue()?.();
    else if (dice < 0.94) this.#jump();
    else if (dice < 0.97) this.#operate(process);
    else this.#kill(process);
  }

  /** An operator takes up one of the events that wait for a person. */
  #operate(process: SimProcess): void {
    const isRetry = this.#random() < 0.7;
    const by = { actor: 'operator', reason: 'As the simulation wants it.' };
    const act = async (): Promise<void> => {
      const operator = process.pipeline.operator();
      const [event] = await operator.list({ states: ['stuck', 'refused'] }, { limit: 1 });
      if (event === undefined) return;
      this.#say(`an operator ${isRetry ? 'retries' : 'closes'} ${event.kind} ${event.registrationNumber}`);
      await (isRetry ? operator.retry(event.id, by) : operator.close(event.id, by));
    };
    act().catch(() => this.#say('the store is not open'));
  }

  #work(process: SimProcess): void {
    const queue = this.#any(QUEUES);
    if (queue === undefined) return;
    this.#say(`works on ${queue}`);
    process.work(queue);
  }

  #deliver(letter: Letter | undefined, process: SimProcess): void {
    if (letter === undefined || letter.copies === 0) return;
    const { event } = letter.incoming.reading;
    this.#say(`delivers ${event.kind} ${event.registrationNumber}`);
    if (this.#losesAcknowledged && this.#random() < 0.1) {
      letter.copies = 0;
      letter.acknowledgedAs = 'never stored';
      return;
    }
    process.pipeline.accept(letter.incoming).then(
      ({ id }) => {
        letter.copies -= 1;
        if ((letter.acknowledgedAs ?? id) !== id) this.#say(`${event.registrationNumber} has a second id`);
        letter.acknowledgedAs = id;
      },
      // Answered with 503: the sender keeps it and comes again.
      () => this.#say('was not acknowledged'),
    );
  }

  #endCall(): void {
    const { calls } = this.#deployment;
    const call = this.#any(calls.all);
    if (call === undefined) return;
    const drawn = this.#random() < 0.6 ? 'answered' : (this.#any(FATES) ?? 'answered');
    const fate = drawn === 'refused' && !call.canBeRefused ? 'failed' : drawn;
    this.#say(`${call.name}: ${fate}`);
    calls.end(call, fate);
  }

  #callBack(process: SimProcess): void {
    const { callbacks } = this.#deployment.outside;
    const index = Math.floor(this.#random() * callbacks.length);
    const callback = callbacks[index];
    if (callback === undefined) return;
    this.#say('a callback arrives');
    // Each copy comes as a delivery of its own.
    const body = Buffer.from(JSON.stringify({ ...callback, copy: callbacks.length }));
    process.pipeline.acceptCallback('mosip', `delivery ${callbacks.length} of ${callback.outwardKey}`, body).then(
      () => callbacks.splice(callbacks.indexOf(callback), 1),
      () => this.#say('was not acknowledged'),
    );
  }

  /** Time passes at once: to the next timer, a minute, or days in which the machine slept. */
  #jump(): void {
    const { clock } = this.#deployment;
    const dice = this.#random();
    const toNext = Math.max(0, (clock.nextDueAt ?? clock.now) - clock.now);
    const by = dice < 0.5 ? toNext : dice < 0.9 ? MINUTE : 3 * DAY * this.#random();
    clock.advanceTo(clock.now + by);
    this.#say(`time moves on by ${Math.round(by / 1000)} s`);
  }

  /** A process dies, at once or after some commits; another takes its place. */
  #kill(process: SimProcess): void {
    const commits = Math.floor(this.#random() * 4);
    this.#say(`a process dies after ${commits} commits`);
    if (commits === 0) process.die();
    else process.dieAfter(commits);
  }

  #raiseTheDead(): void {
    for (const [index, process] of this.#processes.entries()) {
      if (!process.isAlive) this.#processes[index] = new SimProcess(this.#deployment);
    }
  }

  /** Everything that is under way ends well, and time passes until nothing is left to do. */
  async #comeToRest(): Promise<boolean> {
    const { clock, calls, outside } = this.#deployment;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const process = this.#processes[round % PROCESSES];
      if (process === undefined) return false;
      for (const letter of this.#inbox) this.#deliver(letter, process);
      this.#callBack(process);
      for (const call of calls.all) calls.end(call, 'answered');
      await this.#settle();
      await this.#pass(10);
      const { queues, next } = await agenda(this.#deployment);
      for (const queue of queues) process.work(queue);
      if (queues.length + calls.all.length + outside.callbacks.length > 0) continue;
      if (this.#inbox.some(({ copies }) => copies > 0)) continue;
      if (next === undefined) return true;
      // What is due and has no job is found by the sweep: a timer.
      const timer = clock.nextDueAt ?? next;
      await this.#pass(Math.max(0, (next > clock.now ? Math.min(next, timer + DAY) : timer) - clock.now));
      for (let task = clock.takeDue(); task !== undefined; task = clock.takeDue()) task();
      await this.#settle();
    }
    return false;
  }

  async #pass(ms: number): Promise<void> {
    const { clock, engine } = this.#deployment;
    clock.advanceTo(clock.now + ms);
    await engine.setNow(clock.now);
    this.#raiseTheDead();
  }

  /** Waits until nothing moves but what waits for the world outside or for time. */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#deployment.engine.active === 0 ? quiet + 1 : 0;
    }
  }

  #any<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }

  #say(line: string): void {
    this.trace.push(line);
  }

  close(): void {
    for (const process of this.#processes) process.die();
  }
}

interface Agenda {
  /** The queues with jobs that can run now, those whose holder is late among them. */
  readonly queues: readonly Queue[];
  /** When something is due next, in milliseconds; undefined where nothing is left to do. */
  readonly next: number | undefined;
}

async function agenda({ engine }: Deployment): Promise<Agenda> {
  const [row] = await engine.rows<{ queues: Queue[] | null; at: Date | null }>(
    `select array_agg(distinct queue) filter (where at <= now()) as queues,
       least(min(at), (select min(least(next_action_at, poll_at)) from mediator.event
                       where state in ('received', 'submitted', 'issued', 'refused'))) as at
     from (select queue, case state when 'waiting' then due_at else expires_at end as at
           from sim.job where state <> 'done') as job`,
  );
  return { queues: row?.queues ?? [], next: row?.at?.getTime() };
}

/** Plays the history of a seed on an engine that is emptied first. */
export async function runHistory(engine: SimEngine, metrics: Metrics, options: HistoryOptions): Promise<HistoryResult> {
  await engine.clear();
  const history = new History(engine, metrics, options);
  try {
    const violations = await history.play();
    return { seed: options.seed, violations, trace: history.trace };
  } finally {
    history.close();
  }
}
