import { createHash } from 'node:crypto';
import { MediatorError } from '../../src/errors/index.js';
import type {
  Answer,
  CallbackAnswer,
  CallbackDoor,
  NationalIdSystem,
  Submission,
} from '../../src/national-id/index.js';

import { nothingSupported } from '../../src/national-id/not-supported.js';

type Behaviour = (submission: Submission) => Promise<Answer>;

/**
 * A national ID system in memory: it counts what reaches it, answers `pending` unless told otherwise, and its callbacks
 * are JSON of a CallbackAnswer.
 */
export class FakeNationalIdSystem implements NationalIdSystem {
  readonly name = 'mosip';
  readonly capabilities = new Set(['issue', 'deactivate', 'update', 'reactivate', 'callback'] as const);
  readonly submissions: Submission[] = [];
  readonly #behaviours = new Map<string, Behaviour>();
  #otherwise: Behaviour = async () => ({ result: 'pending' });
  readonly #waiting = new Set<() => void>();

  readonly callback: CallbackDoor = {
    confirmIntent: () => ({ status: 200, body: '' }),
    authenticate: (_headers, rawBody) => ({ deliveryId: createHash('sha256').update(rawBody).digest('hex') }),
    read: async (rawBody) => {
      const text = Buffer.from(rawBody).toString('utf8');
      if (text === 'unreadable') throw new MediatorError('credential_unreadable');
      return JSON.parse(text) as CallbackAnswer;
    },
  };

  /** From now on, submissions for this registration number are handled so. */
  when(registrationNumber: string, behaviour: Behaviour): void {
    this.#behaviours.set(registrationNumber, behaviour);
  }

  /** From now on, all other submissions are handled so. */
  otherwise(behaviour: Behaviour): void {
    this.#otherwise = behaviour;
  }

  outwardKey(digest: Uint8Array): string {
    return Buffer.from(digest).toString('hex').slice(0, 24);
  }

  issue(submission: Submission): Promise<Answer> {
    return this.#submit(submission);
  }

  update(submission: Submission): Promise<Answer> {
    return this.#submit(submission);
  }

  reactivate(submission: Submission): Promise<Answer> {
    return this.#submit(submission);
  }

  deactivate(submission: Submission): Promise<Answer> {
    return this.#submit(submission);
  }

  readonly status = nothingSupported.status;
  readonly verify = nothingSupported.verify;
  readonly checkAge = nothingSupported.checkAge;
  readonly lookup = nothingSupported.lookup;
  readonly match = nothingSupported.match;

  start(): void {}

  async stop(): Promise<void> {}

  /** The submissions for a registration number so far. */
  submissionsOf(registrationNumber: string): Submission[] {
    return this.submissions.filter(({ event }) => event.registrationNumber === registrationNumber);
  }

  /** Resolves as soon as this many submissions for the registration number have come in. */
  async submitted(registrationNumber: string, count = 1): Promise<Submission> {
    for (;;) {
      const found = this.submissionsOf(registrationNumber);
      const last = found[count - 1];
      if (last !== undefined) return last;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async #submit(submission: Submission): Promise<Answer> {
    this.submissions.push(submission);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    const behaviour = this.#behaviours.get(submission.event.registrationNumber) ?? this.#otherwise;
    return behaviour(submission);
  }
}
