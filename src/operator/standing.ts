import type { z } from 'zod';
import { DEFINITIONS, type Definition, type Problem, type SettingName, type Settings } from '../config/index.js';
import type { Operator } from '../pipeline/index.js';
import type { Health, Metrics } from '../telemetry/index.js';
import { auditView, SettingsView, SummaryView, stateView } from './views.js';

export interface SummaryDeps {
  readonly operator: () => Operator;
  readonly health: Health;
  readonly metrics: Pick<Metrics, 'circuitOpen'>;
  readonly settings: () => Pick<Settings, 'nationalId' | 'submissionsPaused'>;
}

const LAST_ACTIONS = 10;

/** How things stand, at one look. Nothing is called but the store. */
export async function summaryOf({
  operator,
  health,
  metrics,
  settings,
}: SummaryDeps): Promise<z.infer<typeof SummaryView>> {
  const { standing, overdueMs, auditTrail } = operator();
  const [states, overdue, audit, breakers] = await Promise.all([
    standing(),
    overdueMs(),
    auditTrail({ limit: LAST_ACTIONS }),
    metrics.circuitOpen.get(),
  ]);
  const { nationalId, submissionsPaused } = settings();
  return SummaryView.parse({
    states: states.map(stateView),
    overdueSeconds: Math.round(overdue / 1000),
    nationalIdSystem: nationalId.system,
    submissionsPaused,
    health: health.readiness(),
    openBreakers: breakers.values.filter(({ value }) => value === 1).map(({ labels }) => labels.peer),
    audit: audit.map(auditView),
  });
}

/** Where each value comes from that the console may change, and what the console holds that does not count. */
export function settingsReport(
  { sources }: Pick<Settings, 'sources'>,
  refused: readonly Problem[],
): z.infer<typeof SettingsView> {
  // The names are those of the definitions.
  const settings = (Object.keys(DEFINITIONS) as SettingName[]).flatMap((name) => {
    const { console: consoleName }: Definition = DEFINITIONS[name];
    if (consoleName === undefined) return [];
    return [
      { name, consoleName, source: sources[name], problem: refused.find(({ setting }) => setting === name)?.expected },
    ];
  });
  const named = new Set<string>(settings.map(({ name }) => name));
  return SettingsView.parse({
    settings,
    otherProblems: refused
      .filter(({ setting }) => !named.has(setting))
      .map(({ setting, expected }) => ({ name: setting, problem: expected })),
  });
}
