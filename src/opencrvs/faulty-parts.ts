import type { z } from 'zod';

const MOST_NAMED = 10;

/** The parts at fault in a body, by their places, the first of them: never a value. `inside`: what begins each place. */
export function faultyParts({ issues }: z.ZodError, inside?: string): string {
  const start = inside === undefined ? [] : [inside];
  const places = [...new Set(issues.map(({ path }) => [...start, ...path].join('.') || 'the body itself'))];
  return `${places.slice(0, MOST_NAMED).join(', ')}${places.length > MOST_NAMED ? ' and more' : ''}`;
}
