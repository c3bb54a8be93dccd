import { MediatorError } from '../../src/errors/index.js';

/** Whoever made a call. */
export interface Caller {
  readonly isAlive: boolean;
}

/** A call to a system outside that has not ended yet: the simulation decides how it does. */
export interface HeldCall {
  readonly caller: Caller;
  /** What it is, for the trace. */
  readonly name: string;
  /** Whether the system may say that the data is wrong. */
  readonly canBeRefused: boolean;
  /** Does the work at the other side and gives the answer. */
  readonly work: () => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: MediatorError) => void;
}

/** `lost`: the work was done, and its answer did not arrive. */
export type Fate = 'answered' | 'lost' | 'not-reached' | 'failed' | 'misconfigured' | 'refused';

export const FATES: readonly Fate[] = ['lost', 'not-reached', 'failed', 'misconfigured', 'refused'];

/** The calls under way between the mediator's processes and the systems outside. */
export class HeldCalls {
  readonly #calls = new Set<HeldCall>();

  get all(): readonly HeldCall[] {
    return [...this.#calls];
  }

  /** Holds a call until its fate is decided. */
  hold<T>(call: Omit<HeldCall, 'resolve' | 'reject' | 'work'> & { readonly work: () => T }): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#calls.add({ ...call, resolve: (answer) => resolve(answer as T), reject });
    });
  }

  /** Ends a call. */
  end(call: HeldCall, fate: Fate): void {
    this.#calls.delete(call);
    switch (fate) {
      case 'answered':
        call.resolve(call.work());
        break;
      case 'lost':
        call.work();
        call.reject(new MediatorError('peer_timeout', { unanswered: true }));
        break;
      case 'not-reached':
        call.reject(new MediatorError('peer_unreachable', { unanswered: true }));
        break;
      case 'failed':
        call.reject(new MediatorError('peer_error'));
        break;
      case 'misconfigured':
        call.reject(new MediatorError('national_id_misconfigured'));
        break;
      case 'refused':
        call.resolve({ result: 'refused', code: 'SIM-001', reason: 'The data is wrong.' });
        break;
    }
  }

  /** The caller has died: its request may have arrived all the same. */
  abandon(caller: Caller, hasArrived: () => boolean): void {
    for (const call of this.all) {
      if (call.caller !== caller) continue;
      this.#calls.delete(call);
      if (hasArrived()) call.work();
    }
  }
}
