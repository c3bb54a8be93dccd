/** Tells what happens, step by step, in plain words. */
export interface Narrator {
  /** A paragraph between the steps. */
  say(text: string): void;
  /** A numbered step; it ends when `work` does. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  /** A fact inside a step. */
  saw(fact: string): void;
  /** The same with a name before it, so that several can be compared. */
  show(name: string, value: string): void;
}

const INDENT = ' '.repeat(4);
const NAME_WIDTH = 24;

/** A narrator that writes lines with `write`, and takes the time of each step. */
export function createNarrator(write: (text: string) => void): Narrator {
  let steps = 0;
  const line = (text = ''): void => write(`${text}\n`);
  return {
    say: (text) => line(text),
    async step(title, work) {
      steps += 1;
      const startedAt = performance.now();
      line();
      line(`${String(steps).padStart(2)}. ${title}`);
      const result = await work();
      line(`${INDENT}(${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
      return result;
    },
    saw: (fact) => line(`${INDENT}${fact}`),
    show: (name, value) => line(`${INDENT}${name.padEnd(NAME_WIDTH)} ${value}`),
  };
}
