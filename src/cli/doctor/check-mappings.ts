import type { NationalIdSettings, Settings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { createOpenCrvs } from '../../opencrvs/index.js';
import type { OutboundClient } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import { createHealth, type Logger, type Metrics } from '../../telemetry/index.js';
import { createEligibilityRule } from '../../vital-events/index.js';
import { mapOnly } from '../mapping/preview.js';
import { readSample, SAMPLE_NAMES } from '../mapping/samples.js';
import { type Found, ok, type Question } from './finding.js';

export interface MappingDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Nothing is called while a mapping is read. */
const closedDoor: OutboundClient = {
  async send() {
    throw new MediatorError('call_cancelled');
  },
  close: async () => undefined,
};

/** Every mapping that these settings use: it compiles, and makes something of a sample where one goes through it. */
export function mappingQuestions(deps: MappingDeps, settings: Settings): readonly Question[] {
  const { mappingsDir, eligibilityRule } = settings;
  const next = 'Correct the file in MAPPINGS_DIR; docs/mappings.md says what goes in and what must come out.';
  const common = { ...deps, outbound: closedDoor };
  const ask = (about: string, work: () => Promise<Found>): Question => ({
    check: 'mappings',
    about,
    next,
    ask: work,
  });

  const ofSystem = (one: NationalIdSettings): Question =>
    ask(one.system, async () => {
      for (const name of SAMPLE_NAMES) await mapOnly({ ...settings, nationalId: one }, readSample(name));
      return ok(`They compile, and take a sample ${SAMPLE_NAMES.join(', a sample ')}.`);
    });

  return [
    ...[settings.nationalId, ...settings.otherNationalIds].map(ofSystem),
    ask('opencrvs', async () => {
      const opencrvs = createOpenCrvs({ ...common, health: createHealth(deps.clock) }, settings.opencrvs, mappingsDir);
      await opencrvs.stop();
      return ok('They compile.');
    }),
    ask('eligibility rule', async () => {
      const rule = createEligibilityRule(mappingsDir, eligibilityRule);
      for (const name of SAMPLE_NAMES) await rule(readSample(name));
      return ok(`The rule \`${eligibilityRule}\` decides about each sample.`);
    }),
  ];
}
