import { loadSettings, type Settings, SettingsError } from '../../config/index.js';
import { type Command, EXIT, type Terminal, UsageError } from '../command.js';
import { parseOptions } from '../options.js';
import { checkMappings } from './check-mappings.js';
import { type Preview, preview } from './preview.js';
import { readEventFile } from './read-event.js';

/** Runs `work` with the settings of the environment; where they are not valid says so. */
async function withSettings(
  { environment, say }: Terminal,
  system: string | undefined,
  work: (settings: Settings) => Promise<number>,
): Promise<number> {
  try {
    return await work(
      loadSettings({ ...environment, ...(system === undefined ? {} : { NATIONAL_ID_SYSTEM: system }) }),
    );
  } catch (thrown) {
    if (!(thrown instanceof SettingsError)) throw thrown;
    say(`${thrown.message}\n`);
    return EXIT.settings;
  }
}

function inWords(shown: Preview): string {
  switch (shown.result) {
    case 'skipped':
      return `Nothing would be sent: the rule leaves it out. ${shown.reason}\n`;
    case 'operator':
      return 'Nothing would be sent: the settings leave it to a person.\n';
    case 'answered': {
      const { answer, operation } = shown;
      const why = answer.result === 'refused' ? `${answer.code}: ${answer.reason}` : answer.result;
      return `Nothing would be sent to ${operation}. ${why}\n`;
    }
    case 'sent': {
      const { method, url, body } = shown.request;
      return `${shown.operation}: ${method} ${url}\n${JSON.stringify(body, undefined, 2) ?? ''}\n`;
    }
  }
}

const EXPLAINED = 'Reads the settings from the environment as the service would, and calls nobody.\n';

/** `mapping check` and `mapping run`. */
export const mappingCommands: readonly Command[] = [
  {
    name: 'mapping check',
    synopsis: '[--system NAME] [--json]',
    summary: 'compiles every mapping and maps sample registrations, and says what fails where',
    help: EXPLAINED,
    async run(args, terminal) {
      const { json, system } = parseOptions(args, { json: { type: 'boolean' }, system: { type: 'string' } });
      return withSettings(terminal, system, async (settings) => {
        const findings = await checkMappings(settings);
        const faults = findings.filter(({ problem }) => problem !== undefined);
        const lines = findings.map(({ name, problem }) => `${problem === undefined ? 'ok    ' : 'failed'} ${name}`);
        const said = faults.map(({ name, problem }) => `${name}: ${problem}\n`).join('');
        terminal.out(json === true ? `${JSON.stringify({ findings })}\n` : `${lines.join('\n')}\n${said}`);
        return faults.length === 0 ? EXIT.ok : EXIT.failed;
      });
    },
  },
  {
    name: 'mapping run',
    synopsis: '--event FILE [--system NAME] [--json]',
    summary: 'prints what would be sent to the national ID system for an event, and sends nothing',
    help: [
      EXPLAINED,
      'FILE holds a webhook body of OpenCRVS, a FHIR record, or an event as the mappings get it. What is printed',
      'is the first call that carries the event, with the personal data of the file in it: mind where it goes. The',
      'content of its documents is left out.',
      '',
    ].join('\n'),
    async run(args, terminal) {
      const options = parseOptions(args, {
        event: { type: 'string' },
        system: { type: 'string' },
        json: { type: 'boolean' },
      });
      if (options.event === undefined) throw new UsageError('--event is missing.');
      const { event: file } = options;
      return withSettings(terminal, options.system, async (settings) => {
        const shown = await preview(settings, readEventFile(file, settings.documents));
        terminal.out(options.json === true ? `${JSON.stringify(shown)}\n` : inWords(shown));
        return EXIT.ok;
      });
    },
  },
];
