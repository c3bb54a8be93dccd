import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { COMMANDS } from '../../src/cli/commands.js';
import { ERROR_CODES } from '../../src/errors/index.js';
import { createMetrics } from '../../src/telemetry/index.js';
import { codeBlocks, DOCUMENTS } from './documents.js';
import { ROOT, settingOf, textOf } from './repository.js';

const PackageJson = z.object({ scripts: z.record(z.string(), z.string()), bin: z.record(z.string(), z.string()) });
const { scripts, bin } = PackageJson.parse(JSON.parse(textOf('package.json')));

const isScript = (name: string): boolean => scripts[name] !== undefined;
const isCommand = (words: readonly string[]): boolean =>
  COMMANDS.some(({ name }) => name.split(' ').every((word, index) => words[index] === word));
const isFile = (path: string): boolean => existsSync(join(ROOT, path));
/** Settings and other names in capitals of a shell line or a text. */
const CAPITALS = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g;

/** Commands that come with the machine and name nothing of ours, and the words of the shell. */
const OF_THE_SYSTEM = /^(sed|sleep|awk|kill|wait|until|export|pg_dump|pg_restore|createdb|started=|pid=|since\b)/;
/** Words of other systems, in the form of a setting. */
const OF_OTHERS: ReadonlySet<string> = new Set([
  // Of the benchmarks.
  'BENCH_SECONDS',
  'BIRTH_REGISTERED',
  'DEATH_REGISTERED',
  'NATIONAL_ID',
  'MOSIP_PSUT_TOKEN_ID',
  'MOSIP_AID',
  'CREDENTIAL_ISSUED',
  'CREDENTIAL_STATUS_UPDATE',
  'PUBLISH_CREDENTIAL_STATUS_UPDATE_GENERAL',
  'CRVS_NEW',
  'CRVS_DEATH',
  'CRVS_UPDATE',
  'VER_R2',
  'RECORD_SEARCH',
  'IMPORT_EXPORT',
  'AGE_CHECK',
  'EXTERNAL_VALIDATION',
  'EXTERNAL_VALIDATION_WORKQUEUE',
  'APPROVE_CORRECTION',
  'REVOKE_REGISTRATION',
  'REINSTATE_REGISTRATION',
  'NATIONAL_ID_MEDIATOR_URL',
  // Names of secrets in files that describe a system.
  'REGISTRY_TOKEN',
  'REGISTRY_CALLBACK_KEY',
  'PERSON_UNKNOWN',
  // A code of a refusal.
  'VID_ENDED',
  'BIRTH_DATE_INVALID',
  'NODE_EXTRA_CA_CERTS',
  // Of a command, not of the service.
  'OPENHIM_ADMIN_PASSWORD_FILE',
  // Settings of opencrvs/mosip, from which its users come.
  'OPENCRVS_PUBLIC_KEY_URL',
  'MOSIP_AUTH_CLIENT_APP_ID',
  'MOSIP_PACKET_AUTH_CLIENT_ID',
  'MOSIP_PACKET_AUTH_CLIENT_SECRET',
  'MOSIP_WEBSUB_AUTH_CLIENT_ID',
  'MOSIP_WEBSUB_AUTH_CLIENT_SECRET',
  'MOSIP_CREATE_PACKET_URL',
  'MOSIP_PROCESS_PACKET_URL',
  'PARTNER_ID',
  'DECRYPT_P12_FILE_PATH',
  'DECRYPT_P12_FILE_PASSWORD',
  'TRANSACTION_ID_PREFIX',
  'IDA_AUTH_URL',
  'IDA_AUTH_DOMAIN_URI',
  'PARTNER_MISP_LK',
  'PARTNER_APIKEY',
  'ENCRYPT_CERT_PATH',
  'SIGN_P12_FILE_PATH',
  'OIDP_CLIENT_PRIVATE_KEY_PATH',
  // Codes of MOSIP's partner management begin so.
  'PMS_PMP',
  'SQLITE_DATABASE_PATH',
]);

/** What is wrong with a command of a document; undefined when it can be run as it stands. */
function faultOf(command: string): string | undefined {
  const words = command.replace(/^(?:[A-Z_]+=\S+ )+/, '').split(/\s+/);
  const [program = '', first = '', second = ''] = words;
  const fault = (isThere: boolean): string | undefined => (isThere ? undefined : command);
  switch (program) {
    case 'npm':
      if (first === 'ci') return undefined;
      return fault(isScript(first === 'run' ? second : first));
    case 'npx':
      return fault(first === '--no-install' && bin[second] !== undefined && isCommand(words.slice(3)));
    case 'docker':
      return fault(first === 'compose' && isFile('docker-compose.yml'));
    case 'cp':
      return fault(isFile(first === '-R' ? second : first));
    case 'curl':
      return fault(['/health/live', '/health/ready', '/metrics'].includes(new URL(first).pathname));
    case 'node_modules/.bin/node':
      return fault(isFile(first.replace(/^dist\//, 'src/').replace(/\.js$/, '.ts')));
    default:
      return OF_THE_SYSTEM.test(command) || isFile(program) ? undefined : command;
  }
}

/** The single commands of a block of shell: comments and continued lines taken care of. */
function commandsOf(block: string): string[] {
  return block
    .replaceAll('\\\n', ' ')
    .split(/\n| && /)
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');
}

test('there is something to check', () => {
  expect(codeBlocks('README.md', 'sh').length).toBeGreaterThan(3);
  expect(faultOf('npm run no-such-script')).toBeDefined();
  expect(faultOf('no-such-program --help')).toBeDefined();
});

test.each(DOCUMENTS)('every command in %s can be run', (document) => {
  const faults = codeBlocks(document, 'sh')
    .flatMap(commandsOf)
    .flatMap((command) => faultOf(command) ?? []);
  expect(faults).toEqual([]);
});

test.each(DOCUMENTS)('every setting named in %s is one', (document) => {
  const names = textOf(document).match(CAPITALS) ?? [];
  expect(names.filter((name) => settingOf(name) === undefined && !OF_OTHERS.has(name))).toEqual([]);
});

test.each(DOCUMENTS)('every link in %s leads to a file', (document) => {
  const links = [...textOf(document).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
  const local = links.filter((link) => !/^https?:/.test(link));
  expect(local.filter((link) => !isFile(join(dirname(document), link)))).toEqual([]);
});

test.each(DOCUMENTS)('every path of the source named in %s exists', (document) => {
  const paths = [...textOf(document).matchAll(/`((?:src|test|config|scripts|deploy|demo)\/[\w./-]+)`/g)];
  expect(paths.map(([, path = '']) => path).filter((path) => !isFile(path))).toEqual([]);
});

test('the operations page names every metric, and codes that exist', async () => {
  const page = textOf('docs/operations.md');
  const { text } = await createMetrics().render();
  const ours = [...text.matchAll(/^# TYPE (mediator_\w+) /gm)].map(([, name]) => name);
  expect(ours.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  const rows = page.split(/^## /m).find((section) => section.startsWith('Stuck events')) ?? '';
  const codes = [...rows.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, code = '']) => code);
  const columns = ['outward_key'];
  expect(codes.length).toBeGreaterThan(8);
  expect(codes.filter((code) => !(code in ERROR_CODES) && !columns.includes(code))).toEqual([]);
});
