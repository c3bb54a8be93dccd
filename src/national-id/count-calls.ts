import type { NationalIdSystem } from './port.js';

/** The same system, and what tells when none of its calls is in hand. */
export function countCalls(system: NationalIdSystem): {
  readonly system: NationalIdSystem;
  readonly idle: () => Promise<void>;
} {
  let inHand = 0;
  let waiting: (() => void)[] = [];

  const counted =
    <Given extends unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      inHand += 1;
      try {
        return await call(...given);
      } finally {
        inHand -= 1;
        if (inHand === 0) {
          for (const resolve of waiting) resolve();
          waiting = [];
        }
      }
    };

  return {
    system: {
      ...system,
      issue: counted((submission) => system.issue(submission)),
      deactivate: counted((submission) => system.deactivate(submission)),
      update: counted((submission) => system.update(submission)),
      reactivate: counted((submission) => system.reactivate(submission)),
      status: counted((submission) => system.status(submission)),
      verify: counted((claim, signal) => system.verify(claim, signal)),
      checkAge: counted((question, signal) => system.checkAge(question, signal)),
      lookup: counted((key, signal) => system.lookup(key, signal)),
      match: counted((person, options, signal) => system.match(person, options, signal)),
    },
    idle: () =>
      new Promise((resolve) => {
        if (inHand === 0) resolve();
        else waiting.push(resolve);
      }),
  };
}
