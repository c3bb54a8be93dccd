import { createPipeline, type Pipeline } from '../../src/pipeline/index.js';
import { QUEUES, type Queue } from '../../src/pipeline/queues.js';
import type { Database } from '../../src/pipeline/store/index.js';
import { createHealth, type Logger, type Metrics } from '../../src/telemetry/index.js';
import { onlySystem, PIPELINE_SETTINGS } from '../support/pipeline-harness.js';
import type { Caller, HeldCalls } from './held-calls.js';
import { nationalIdFor, type Outside, writeBackFor } from './outside.js';
import type { InstanceClock, SimClock } from './sim-clock.js';
import type { SimEngine } from './sim-database.js';
import { createSimJobs, runBatch, type SimJobs } from './sim-jobs.js';

/** What every process of a simulated deployment shares. */
export interface Deployment {
  readonly engine: SimEngine;
  readonly clock: SimClock;
  readonly calls: HeldCalls;
  readonly outside: Outside;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** One process of the mediator: the real pipeline, until it dies. */
export class SimProcess implements Caller {
  readonly #deployment: Deployment;
  readonly #clock: InstanceClock;
  readonly #database: Database;
  readonly #pipeline: Pipeline;
  #jobs: SimJobs | undefined;
  #isAlive = true;
  #commitsLeft = Number.POSITIVE_INFINITY;

  constructor(deployment: Deployment) {
    const { engine, clock, calls, outside, random, log, metrics } = deployment;
    this.#deployment = deployment;
    this.#clock = clock.forInstance();
    this.#database = engine.connect({
      isAlive: () => this.#isAlive,
      onCommit: () => {
        this.#commitsLeft -= 1;
        if (this.#commitsLeft < 0) this.die();
      },
    });
    this.#pipeline = createPipeline(
      {
        clock: this.#clock,
        log,
        metrics,
        health: createHealth(this.#clock),
        random,
        systems: onlySystem(nationalIdFor(this, calls, outside)),
        opencrvs: {
          writeBack: writeBackFor(this, calls, outside),
          recordReader: { completeEvent: async (event) => event },
        },
      },
      () => ({
        ...PIPELINE_SETTINGS,
        store: { kind: 'embedded', dataDir: '' },
        answerDeadlineMs: 10 * 24 * 3_600_000,
        birthCancellation: 'deactivate',
      }),
      {
        open: async () => this.#database,
        startJobs: async ({ database }) => {
          this.#jobs = createSimJobs(database);
          return this.#jobs;
        },
        onFatal: (error) => {
          throw error;
        },
      },
    );
    this.#pipeline.start();
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get pipeline(): Pipeline {
    return this.#pipeline;
  }

  /** Runs a batch of due jobs of one queue; nothing is awaited but what runs without the world outside. */
  work(queue: Queue): void {
    if (this.#jobs !== undefined) void runBatch(this.#database, this.#jobs, queue);
  }

  workOnAll(): void {
    for (const queue of QUEUES) this.work(queue);
  }

  /** Dies right after so many more commits. */
  dieAfter(commits: number): void {
    this.#commitsLeft = commits;
  }

  /** Nothing that it has begun goes on, and nobody hears of it. What it sent may have arrived. */
  die(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#clock.drop();
    const { calls, random } = this.#deployment;
    calls.abandon(this, () => random() < 0.5);
  }
}
