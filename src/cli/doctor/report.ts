import type { Finding, FindingState } from './finding.js';

const STATES: readonly FindingState[] = ['failed', 'warning', 'skipped', 'ok'];

/** How many findings there are of each state, those that matter first. */
export function countsOf(findings: readonly Finding[]): Readonly<Record<FindingState, number>> {
  const count = (state: FindingState): number => findings.filter((finding) => finding.state === state).length;
  return { ok: count('ok'), warning: count('warning'), failed: count('failed'), skipped: count('skipped') };
}

const subjectOf = ({ check, about }: Finding): string => (about === undefined ? check : `${check}: ${about}`);

/** One paragraph for each finding, in the order of the checks, and a line that sums up. */
export function textOf(findings: readonly Finding[]): string {
  const lines = findings.map((finding) => {
    const { state, detail, next } = finding;
    const step = next === undefined || next === '' ? '' : `\n           -> ${next}`;
    return `${state.padEnd(8)}   ${subjectOf(finding)}\n           ${detail}${step}\n`;
  });
  const counts = countsOf(findings);
  const sum = STATES.filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${state}`);
  return `${lines.join('')}\n${sum.join(', ')}\n`;
}

/** One JSON object, on one line. */
export function jsonOf(findings: readonly Finding[]): string {
  return `${JSON.stringify({ counts: countsOf(findings), findings })}\n`;
}
