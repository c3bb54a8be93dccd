import { globSync } from 'node:fs';
import { loadMapping, type Settings } from '../../config/index.js';
import { toMediatorError } from '../../errors/index.js';
import { createEligibility } from '../../vital-events/index.js';
import { mapOnly } from './preview.js';
import { readSample, SAMPLE_NAMES } from './samples.js';

/** One thing that was looked at. `problem`: in words without data; undefined where it is well. */
export interface MappingFinding {
  readonly name: string;
  readonly problem: string | undefined;
}

async function finding(name: string, look: () => unknown): Promise<MappingFinding> {
  try {
    await look();
    return { name, problem: undefined };
  } catch (thrown) {
    return { name, problem: toMediatorError(thrown).message };
  }
}

/** Compiles every mapping below `MAPPINGS_DIR`, and puts the shipped samples through the rule and the configured system. */
export async function checkMappings(settings: Settings): Promise<readonly MappingFinding[]> {
  const { mappingsDir, eligibilityRule } = settings;
  const files = globSync('**/*.jsonata', { cwd: mappingsDir }).toSorted();
  const isEligible = createEligibility(() => settings);
  return Promise.all([
    ...files.map((file) => finding(file, () => loadMapping(mappingsDir, file))),
    ...SAMPLE_NAMES.flatMap((name) => [
      finding(`sample ${name} by the rule ${eligibilityRule}`, () => isEligible(readSample(name))),
      finding(`sample ${name} for ${settings.nationalId.system}`, () => mapOnly(settings, readSample(name))),
    ]),
  ]);
}
