import { z } from 'zod';
import { loadMapping, ruleFile, type Settings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import type { VitalEvent } from './vital-event.js';

/** Whether a registration goes to the national ID system; `reason` says in the rule's own words why not. */
export type Eligibility = { readonly eligible: true } | { readonly eligible: false; readonly reason: string };

/** @throws MediatorError `mapping_failed`, `mapping_timeout` */
export type EligibilityRule = (event: VitalEvent) => Promise<Eligibility>;

const Verdict = z.union([
  z.boolean().transform((eligible) => ({ eligible, reason: undefined })),
  z.object({ eligible: z.boolean(), reason: z.string().max(200).optional() }),
]);

/** Takes every registration. */
const everyone: EligibilityRule = async () => ({ eligible: true });

/**
 * The rule by which registrations go to the national ID system: `all`, or the name of a file `rules/NAME.jsonata` below
 * `mappingsDir`. A rule gets the canonical event and gives true, false, or `{ eligible, reason }`.
 *
 * @throws MediatorError `mapping_failed` when the file cannot be read or compiled
 */
export function createEligibilityRule(mappingsDir: string, name: string): EligibilityRule {
  if (name === 'all') return everyone;
  const file = ruleFile(name);
  const rule = loadMapping(mappingsDir, file);
  return async (event) => {
    const verdict = Verdict.safeParse(await rule.apply(event));
    if (!verdict.success) {
      throw new MediatorError('mapping_failed', {
        message: `The rule ${file} gave neither true nor false nor an object with eligible.`,
      });
    }
    const { eligible, reason } = verdict.data;
    if (eligible) return { eligible };
    // Words that do not stand in the rule come from the record, and may be personal.
    const isOwn = reason !== undefined && rule.text.includes(`"${reason}"`);
    return { eligible, reason: isOwn ? reason : `By the rule ${name}.` };
  };
}

/** The rule that the settings name now; another one is read when they name another. */
export function createEligibility(settings: () => Pick<Settings, 'mappingsDir' | 'eligibilityRule'>): EligibilityRule {
  let used: { readonly name: string; readonly rule: EligibilityRule } | undefined;
  return async (event) => {
    const { mappingsDir, eligibilityRule: name } = settings();
    if (used?.name !== name) used = { name, rule: createEligibilityRule(mappingsDir, name) };
    return used.rule(event);
  };
}
