import { createHash } from 'node:crypto';
import { MediatorError } from '../../src/errors/index.js';
import { answerAge, compareClaim, judgeCandidate, mostLikely } from '../../src/national-id/compare.js';
import type {
  AgeAnswer,
  AgeQuestion,
  Answer,
  CallbackAnswer,
  CallbackDoor,
  IdentityClaim,
  KnownPerson,
  Lookup,
  LookupKey,
  Matching,
  MatchOptions,
  NationalIdSystem,
  Standing,
  Submission,
  Verification,
} from '../../src/national-id/index.js';
import type { Person } from '../../src/vital-events/index.js';

type Behaviour = (submission: Submission) => Promise<Answer>;

/**
 * A national ID system in memory: it counts what reaches it, answers `pending` unless told otherwise, and its callbacks
 * are JSON of a CallbackAnswer, or of a Hint, which the pipeline reads in the same way. What is asked about persons it answers from those whom a test has set.
 */
export class FakeNationalIdSystem implements NationalIdSystem {
  readonly name = 'mosip';
  readonly biometrics = 'none';
  readonly capabilities = new Set([
    'issue',
    'deactivate',
    'update',
    'reactivate',
    'callback',
    'status',
    'verify',
    'age-check',
    'lookup',
    'match',
  ] as const);
  readonly submissions: Submission[] = [];
  /** The persons whom it knows, for queries; how many of these were asked is counted. */
  people: readonly KnownPerson[] = [];
  queries = 0;
  /** What the next query throws. */
  queryFault: Error | undefined;
  /** Every question where a submission stands. */
  readonly questions: Submission[] = [];
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #standings = new Map<string, (submission: Submission) => Promise<Standing>>();
  #otherwise: Behaviour = async () => ({ result: 'pending' });
  readonly #waiting = new Set<() => void>();

  readonly callback: CallbackDoor = {
    confirmIntent: () => ({ status: 200, body: '' }),
    authenticate: (_headers, rawBody) => ({ deliveryId: createHash('sha256').update(rawBody).digest('hex') }),
    read: async (rawBody) => {
      const text = Buffer.from(rawBody).toString('utf8');
      if (text === 'unreadable') throw new MediatorError('credential_unreadable');
      if (text === 'not now') throw new MediatorError('peer_unreachable');
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

  /** From now on, questions about submissions for this registration number are answered so; otherwise `pending`. */
  whenAsked(registrationNumber: string, standing: (submission: Submission) => Promise<Standing>): void {
    this.#standings.set(registrationNumber, standing);
  }

  async status(submission: Submission): Promise<Standing> {
    this.questions.push(submission);
    const standing = this.#standings.get(submission.event.registrationNumber);
    return standing === undefined ? { result: 'pending' } : standing(submission);
  }

  async verify(claim: IdentityClaim): Promise<Verification> {
    return compareClaim(claim, this.#find(claim));
  }

  async checkAge(question: AgeQuestion): Promise<AgeAnswer> {
    return answerAge(question, this.#find(question)) ?? { result: 'not-found' };
  }

  async lookup(key: LookupKey): Promise<Lookup> {
    const found = this.#find(key);
    return found === undefined ? { result: 'not-found' } : { result: 'found', found };
  }

  async match(person: Person, options: MatchOptions): Promise<Matching> {
    this.#ask();
    return mostLikely(
      this.people.map((known) => judgeCandidate(person, known)),
      options,
    );
  }

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

  #ask(): void {
    this.queries += 1;
    const fault = this.queryFault;
    this.queryFault = undefined;
    if (fault !== undefined) throw fault;
  }

  #find(key: LookupKey): KnownPerson | undefined {
    this.#ask();
    return this.people.find(({ identity, person }) =>
      'nationalId' in key
        ? identity.nationalId === key.nationalId
        : person.identifiers.some(({ value }) => value === key.registrationNumber),
    );
  }

  async #submit(submission: Submission): Promise<Answer> {
    this.submissions.push(submission);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    const behaviour = this.#behaviours.get(submission.event.registrationNumber) ?? this.#otherwise;
    return behaviour(submission);
  }
}
