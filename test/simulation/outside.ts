import { createHash } from 'node:crypto';
import type { Answer, CallbackAnswer, NationalIdSystem, Standing, Submission } from '../../src/national-id/index.js';
import { nothingSupported } from '../../src/national-id/not-supported.js';
import type { Delivery, DeliveryResult, WriteBack } from '../../src/opencrvs/index.js';
import { type Identity, registerOf } from '../../src/vital-events/index.js';
import type { Caller, HeldCalls } from './held-calls.js';

/** What the systems outside hold: it outlives every process of the mediator. */
export class Outside {
  /** The number that was given under each key of ours. */
  readonly identities = new Map<string, { readonly registrationNumber: string; readonly nationalId: string }>();
  /** The keys under which something else was done. */
  readonly confirmed = new Set<string>();
  /** What OpenCRVS was told last about each birth. */
  readonly written = new Map<string, string>();
  /** Callbacks that are on their way, each as often as it is in the list. */
  readonly callbacks: CallbackAnswer[] = [];
  readonly #random: () => number;
  readonly #ignoresKeys: boolean;
  #serial = 0;

  /** `ignoresKeys`: a system that makes a person of every call, to see that the simulation finds it. */
  constructor(random: () => number, { ignoresKeys = false }: { readonly ignoresKeys?: boolean } = {}) {
    this.#random = random;
    this.#ignoresKeys = ignoresKeys;
  }

  /** How many people were made of one registration. */
  peopleOf(registrationNumber: string): number {
    return [...this.identities.values()].filter((person) => person.registrationNumber === registrationNumber).length;
  }

  /** Gives a number at once, or later by callback: up to three times, and now and then never. */
  issue({ event, outwardKey }: Submission): Answer {
    const { registrationNumber } = event;
    const known = this.identities.get(outwardKey);
    if (known === undefined || this.#ignoresKeys) {
      this.#serial += 1;
      const key = this.#ignoresKeys ? `${outwardKey} ${this.#serial}` : outwardKey;
      this.identities.set(key, { registrationNumber, nationalId: `N-${registrationNumber}` });
    }
    const identity: Identity = { nationalId: `N-${registrationNumber}` };
    if (this.#random() < 0.5) return { result: 'issued', identity };
    this.#callBack(outwardKey, identity);
    return { result: 'pending' };
  }

  /** Any other operation. */
  change({ outwardKey }: Submission): Answer {
    this.confirmed.add(outwardKey);
    if (this.#random() < 0.5) return { result: 'confirmed' };
    this.#callBack(outwardKey, {});
    return { result: 'pending' };
  }

  standing({ outwardKey }: Submission): Standing {
    const person = this.identities.get(outwardKey);
    if (person !== undefined) return { result: 'issued', identity: { nationalId: person.nationalId } };
    return this.confirmed.has(outwardKey) ? { result: 'confirmed' } : { result: 'not-found' };
  }

  deliver({ event, outcome }: Delivery): DeliveryResult {
    if (outcome.result === 'issued') this.written.set(event.registrationNumber, outcome.identity.nationalId ?? '');
    return { result: 'delivered' };
  }

  #callBack(outwardKey: string, identity: Identity): void {
    const copies = Math.floor(this.#random() * 4);
    for (let copy = 0; copy < copies; copy += 1) this.callbacks.push({ outwardKey, identity });
  }
}

/** The national ID system as one process of the mediator reaches it. */
export function nationalIdFor(caller: Caller, calls: HeldCalls, outside: Outside): NationalIdSystem {
  const ask =
    (name: string, work: (submission: Submission) => Answer) =>
    (submission: Submission): Promise<Answer> =>
      calls.hold({
        caller,
        name: `${name} ${submission.event.registrationNumber}`,
        // Whoever has a person already does not refuse it.
        canBeRefused: !outside.identities.has(submission.outwardKey),
        work: () => work(submission),
      });
  const change = (submission: Submission) => outside.change(submission);
  return {
    ...nothingSupported,
    name: 'mosip',
    capabilities: new Set(['issue', 'deactivate', 'update', 'reactivate', 'callback', 'status'] as const),
    outwardKey: (digest) => Buffer.from(digest).toString('hex').slice(0, 24),
    issue: ask('issue', (submission) => outside.issue(submission)),
    deactivate: ask('deactivate', change),
    update: ask('update', change),
    reactivate: ask('reactivate', change),
    status: (submission) =>
      calls.hold({
        caller,
        name: `status ${registerOf(submission.event)} ${submission.event.registrationNumber}`,
        canBeRefused: false,
        work: () => outside.standing(submission),
      }),
    callback: {
      confirmIntent: () => ({ status: 200, body: '' }),
      authenticate: (_headers, body) => ({ deliveryId: createHash('sha256').update(body).digest('hex') }),
      read: async (body) => JSON.parse(Buffer.from(body).toString('utf8')) as CallbackAnswer,
    },
    start: () => undefined,
    stop: async () => undefined,
  };
}

/** The way back as one process reaches it. */
export function writeBackFor(caller: Caller, calls: HeldCalls, outside: Outside): WriteBack {
  return {
    kind: 'countryconfig',
    deliver: (delivery) =>
      calls.hold({
        caller,
        name: `write back ${delivery.event.registrationNumber}`,
        canBeRefused: false,
        work: () => outside.deliver(delivery),
      }),
  };
}
