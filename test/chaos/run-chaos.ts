import { setTimeout as delay } from 'node:timers/promises';
import { birthNumber } from '../support/births.js';
import { deathNumber } from '../support/deaths.js';
import { freePort } from '../support/free-port.js';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';
import { seededRandom } from '../support/seeded-random.js';
import { type ServiceProcess, startProcess } from '../support/service-process.js';
import { directEnvironment, startWorld, type World } from '../support/world.js';
import { startBalancer } from './balancer.js';
import { deliverTwice } from './delivery.js';
import { statesIn, type Tally, tally } from './tally.js';
import { mosipWeather, opencrvsWeather } from './weather.js';

export interface ChaosOptions {
  readonly events: number;
  readonly kills: number;
  readonly seed: number;
  /** Told now and then how far it is. */
  readonly onProgress?: (text: string) => void;
}

export interface ChaosResult extends Tally {
  readonly events: number;
  readonly kills: number;
  readonly postgres_stops: number;
  readonly seed: number;
  readonly seconds: number;
}

const INSTANCES = 2;
/** One event in so many is the death of a person whose birth was settled before. */
const BIRTHS_PER_DEATH = 9;
/** So many kills to one hard stop of PostgreSQL. */
const KILLS_PER_STOP = 5;
/** Events that may be on their way at a time. */
const MOST_UNSETTLED = 200;
const LOOK_EVERY_MS = 250;
/** Without any progress for so long, what is not settled counts as never going to be. */
const STALLED_MS = 90_000;

/** The mediator twice behind a balancer, on a PostgreSQL of its own, between peers of which every fifth call fails. */
class Scene {
  readonly #random: () => number;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #ports: readonly number[];
  readonly #instances: ServiceProcess[];
  readonly world: World;
  readonly postgres: PostgresServer;
  states: ReadonlyMap<string, string> = new Map();

  constructor(world: World, postgres: PostgresServer, ports: readonly number[], random: () => number) {
    this.world = world;
    this.postgres = postgres;
    this.#random = random;
    this.#ports = ports;
    this.#environment = { ...world.environment, ...directEnvironment(world), DATABASE_URL: postgres.url };
    this.#instances = ports.map((port) => this.#startInstance(port));
  }

  get settled(): number {
    return [...this.states.values()].filter((state) => state === 'settled').length;
  }

  async look(): Promise<void> {
    this.states = (await statesIn(this.postgres.url)) ?? this.states;
  }

  /** Kills one of the instances, and starts it again at once. */
  async kill(): Promise<void> {
    const index = Math.floor(this.#random() * this.#ports.length);
    await this.#instances[index]?.end('SIGKILL');
    this.#instances[index] = this.#startInstance(this.#ports[index] ?? 0);
  }

  /** Stops PostgreSQL as a crash would, and lets it come back within a second. */
  async stopPostgres(): Promise<void> {
    await this.postgres.stop('immediate');
    await delay(this.#random() * 1_000);
    await this.postgres.start();
  }

  /** Starts every instance anew in order: MOSIP's hub may have forgotten them, and is asked again at a start only. */
  async restart(): Promise<void> {
    for (const [index, port] of this.#ports.entries()) {
      await this.#instances[index]?.end('SIGTERM');
      this.#instances[index] = this.#startInstance(port);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.end('SIGKILL')));
  }

  #startInstance(port: number): ServiceProcess {
    return startProcess({ ...this.#environment, PORT: String(port) }, 'test/chaos/mediator.ts');
  }
}

/** Delivers births, and deaths of those whose number has come back; never more at a time than MOST_UNSETTLED. */
async function feed(scene: Scene, events: number, random: () => number) {
  const { world } = scene;
  const door = { port: world.port, secret: world.opencrvs.system.shaSecret };
  const births: string[] = [];
  const deaths = new Map<string, string>();
  const dead = new Set<string>();
  const deliveries: Promise<void>[] = [];

  const nextDeath = (): { registrationNumber: string; body: unknown } | undefined => {
    if (births.length < (deaths.size + 1) * BIRTHS_PER_DEATH) return undefined;
    const [number, identity] =
      [...world.opencrvs.countryConfig.identities].find(
        ([candidate]) => !dead.has(candidate) && scene.states.get(candidate) === 'settled',
      ) ?? [];
    const nationalId = identity?.MOSIP_PSUT_TOKEN_ID;
    if (number === undefined || nationalId === undefined) return undefined;
    dead.add(number);
    const death = deathNumber(deaths.size + 1, nationalId);
    deaths.set(death.registrationNumber, nationalId);
    return death;
  };
  const nextBirth = (): { registrationNumber: string; body: unknown } => {
    const birth = birthNumber(births.length + 1);
    births.push(birth.registrationNumber);
    return birth;
  };

  while (births.length + deaths.size < events) {
    if (births.length + deaths.size - scene.settled >= MOST_UNSETTLED) {
      await delay(LOOK_EVERY_MS);
      continue;
    }
    const { body } = nextDeath() ?? nextBirth();
    world.opencrvs.records.load(body);
    deliveries.push(deliverTwice(door, body, random));
    // Lets what has come meanwhile be seen.
    await delay(1);
  }
  await Promise.all(deliveries);
  return { births, deaths };
}

/** Kills instances and PostgreSQL, spread over the run by how much is settled. */
async function disturb(scene: Scene, { events, kills }: ChaosOptions, random: () => number, isOver: () => boolean) {
  let stops = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    while (!isOver() && scene.settled < (kill * events) / (kills + 1)) await delay(LOOK_EVERY_MS);
    await delay(random() * 500);
    if (kill % KILLS_PER_STOP === 1) {
      stops += 1;
      await scene.stopPostgres();
    }
    await scene.kill();
  }
  await scene.restart();
  return stops;
}

/** Looks at the store until everything is settled, or nothing moves any more. */
async function untilSettled(scene: Scene, { events, onProgress }: ChaosOptions, isOver: () => boolean): Promise<void> {
  let settled = 0;
  let movedAt = performance.now();
  while (!isOver() && settled < events && performance.now() - movedAt < STALLED_MS) {
    await delay(LOOK_EVERY_MS);
    await scene.look();
    if (scene.settled === settled) continue;
    settled = scene.settled;
    movedAt = performance.now();
    onProgress?.(`${settled} of ${events} settled`);
  }
}

/**
 * Lets registrations become identities while everything fails: a fifth of the calls to every peer, each in another way;
 * the instances, killed; PostgreSQL, stopped hard. Each event is delivered twice. The seed decides which call fails how
 * and which instance is killed; how the processes interleave it does not.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const startedAt = performance.now();
  const random = seededRandom(options.seed);
  const postgres = await startPostgres({ durable: true });
  const world = await startWorld({ mosip: { parallelDeliveries: 8, deliveryTimeoutMs: 2_000 } });
  const ports = await Promise.all(Array.from({ length: INSTANCES }, freePort));
  const balancer = await startBalancer(world.port, ports);
  const { auth, webhooks, countryConfig } = world.opencrvs;
  world.mosip.expose(mosipWeather(random));
  for (const peer of [auth, webhooks, countryConfig]) peer.expose(opencrvsWeather(random));
  world.mosip.sendCopies(2);
  const scene = new Scene(world, postgres, ports, random);
  let isOver = false;
  const ended = untilSettled(scene, options, () => isOver).finally(() => {
    isOver = true;
  });
  try {
    const [acknowledged, stops] = await Promise.all([
      feed(scene, options.events, random),
      disturb(scene, options, random, () => isOver),
    ]);
    await ended;
    await scene.look();
    const { events, kills, seed } = options;
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    return { events, kills, postgres_stops: stops, ...tally(world, scene.states, acknowledged), seed, seconds };
  } finally {
    isOver = true;
    await ended;
    await scene.close();
    await balancer.stop();
    await world.stop();
    await postgres.remove();
  }
}
