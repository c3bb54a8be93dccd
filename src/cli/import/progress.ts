import type { Clock } from '../../runtime/index.js';
import type { Terminal } from '../command.js';
import type { ImportReport } from './import-file.js';

/** A line on a terminal that is written anew as the work goes on; nothing where nobody looks. */
export interface Progress {
  readonly show: (standing: ImportReport, share: number) => void;
  readonly end: () => void;
}

const WIDTH = 30;
const EVERY_MS = 200;
/** Clears the line and begins it again. */
const ANEW = '\r\u001b[K';

export function createProgress(clock: Clock, { showsProgress = false, say }: Terminal): Progress {
  if (!showsProgress) return { show: () => undefined, end: () => undefined };
  const startedAt = clock.now();
  let shownAt = 0;
  return {
    show({ lines, resumedAfter, rejected }, share) {
      const now = clock.now();
      if (now - shownAt < EVERY_MS && share < 1) return;
      shownAt = now;
      const done = Math.round(share * WIDTH);
      const bar = `${'#'.repeat(done)}${'-'.repeat(WIDTH - done)}`;
      const perSecond = Math.round((lines - resumedAfter) / Math.max((now - startedAt) / 1000, 0.001));
      const faults = rejected === 0 ? '' : `, ${rejected} rejected`;
      say(`${ANEW}[${bar}] ${Math.floor(share * 100)} %  ${lines} lines, ${perSecond}/s${faults}`);
    },
    end() {
      if (shownAt > 0) say('\n');
    },
  };
}
