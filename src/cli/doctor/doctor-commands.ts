import { loadSettings, type Settings, SettingsError } from '../../config/index.js';
import { systemClock } from '../../runtime/index.js';
import { createLogger } from '../../telemetry/index.js';
import { type Command, EXIT, type Terminal, UsageError } from '../command.js';
import { parseOptions } from '../options.js';
import { examine } from './examine.js';
import { CHECKS, type CheckName, type Finding } from './finding.js';
import { jsonOf, textOf } from './report.js';

const OPTIONS = { json: { type: 'boolean' }, only: { type: 'string', multiple: true } } as const;

const HELP = `Reads its settings as the service does and tries everything that they lead to: names, ports, certificates,
clocks, credentials, scopes, subscriptions, channels, mappings, keys, the database. Each finding is ok, warning, failed
or skipped, and what is not ok comes with a next step. Run it where the service runs: in its container, with its
environment. It only reads, and no check takes longer than 5 seconds. OpenHIM core records the one call that goes through
it, to OPENCRVS_CALLBACK_URL.

  --only NAME,...   these checks alone: ${CHECKS.slice(0, 9).join(', ')},
                    ${CHECKS.slice(9).join(', ')}
  --json            one JSON object: {"counts", "findings": [{"check", "about", "state", "detail", "next"}]}

The exit code is 0 when nothing failed, 1 when something did, and 78 when the settings themselves are wrong.
`;

const isCheck = (name: string): name is CheckName => CHECKS.some((check) => check === name);

function chosenChecks(given: readonly string[] | undefined): ReadonlySet<CheckName> {
  if (given === undefined) return new Set(CHECKS);
  const names = given.flatMap((one) => one.split(',')).map((name) => name.trim());
  const known = names.filter(isCheck);
  if (known.length === names.length) return new Set(known);
  throw new UsageError(`--only knows ${CHECKS.join(', ')}.`);
}

/** All that is wrong with the settings, each as a finding of its own. */
function settingsFindings({ problems }: SettingsError): readonly Finding[] {
  return problems.map(({ setting, expected }) => ({
    check: 'settings',
    about: setting,
    state: 'failed',
    detail: `Expected: ${expected}.`,
    next: 'Correct it; the other checks run once the settings are valid.',
  }));
}

async function findingsOf(
  { environment, say }: Terminal,
  only: ReadonlySet<CheckName>,
): Promise<{ readonly findings: readonly Finding[]; readonly areSettingsWrong: boolean }> {
  // Standard output is for the result. What the parts log while they are tried is in the findings.
  const log = createLogger('error', { write: (line) => say(line) });
  try {
    const settings: Settings = loadSettings(environment);
    return { findings: await examine({ clock: systemClock, log }, settings, only), areSettingsWrong: false };
  } catch (thrown) {
    if (!(thrown instanceof SettingsError)) throw thrown;
    return { findings: settingsFindings(thrown), areSettingsWrong: true };
  }
}

async function doctor(args: readonly string[], terminal: Terminal): Promise<number> {
  const { json = false, only } = parseOptions(args, OPTIONS);
  const { findings, areSettingsWrong } = await findingsOf(terminal, chosenChecks(only));
  terminal.out(json ? jsonOf(findings) : textOf(findings));
  if (areSettingsWrong) return EXIT.settings;
  return findings.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.ok;
}

/** `doctor`. */
export const doctorCommands: readonly Command[] = [
  {
    name: 'doctor',
    synopsis: '[--json] [--only NAME,...]',
    summary: 'checks every setting and every system that it leads to, and says what is wrong and what to do',
    help: HELP,
    run: doctor,
  },
];
