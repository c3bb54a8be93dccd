import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VitalEvent } from '../../vital-events/index.js';

export const SAMPLE_NAMES = ['birth', 'death', 'correction'] as const;
export type SampleName = (typeof SAMPLE_NAMES)[number];

/** Beside `src` and `dist` alike. */
const SAMPLES_DIR = join(import.meta.dirname, '..', '..', '..', 'config', 'samples');

/** A shipped registration of an invented person. */
export function readSample(name: SampleName): VitalEvent {
  return VitalEvent.parse(JSON.parse(readFileSync(join(SAMPLES_DIR, `${name}.json`), 'utf8')));
}
