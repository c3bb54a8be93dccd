import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { run } from '../../fakes/memory-terminal.js';
import { createKeyPair } from '../../peers/mosip-credential.js';
import { temporaryFolder } from '../../support/pipeline-harness.js';

const SHIPPED = join(import.meta.dirname, '../../../config/mappings');
const WEBHOOK = join(import.meta.dirname, '../../fixtures/opencrvs/birth-registered.webhook.json');
const REST_FILE = join(import.meta.dirname, '../../../config/rest/registry.yaml');
const CANARY = 'Canary-In-The-Mapping';

const folder = temporaryFolder();
let environment: Readonly<Record<string, string>>;

/** A copy of the shipped mappings in which `file` is changed. */
function mappingsWith(name: string, file: string, change: (text: string) => string): string {
  const dir = join(folder.path, name);
  cpSync(SHIPPED, dir, { recursive: true });
  const path = join(dir, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return dir;
}

function eventFile(name: string, content: unknown): string {
  const path = join(folder.path, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const BIRTH = {
  kind: 'birth',
  registrationNumber: '2024B1',
  subject: {
    names: [{ given: [CANARY], family: CANARY }],
    birthDate: { value: '2024-01-28', approximate: false },
    identifiers: [],
    nationalities: [],
    addresses: [],
  },
};

beforeAll(() => {
  const keyFile = join(folder.path, 'credential-key.pem');
  writeFileSync(keyFile, createKeyPair().privateKey, { mode: 0o600 });
  // Nobody listens at any of these: nothing may be called.
  const nowhere = 'http://127.0.0.1:9';
  environment = {
    DATA_DIR: join(folder.path, 'data'),
    OPENHIM_REGISTER: 'false',
    MOSIP_BASE_URL: nowhere,
    MOSIP_PACKET_CLIENT_ID: 'packet',
    MOSIP_PACKET_CLIENT_SECRET: 'secret',
    MOSIP_WEBSUB_CLIENT_ID: 'websub',
    MOSIP_WEBSUB_CLIENT_SECRET: 'secret',
    MOSIP_PARTNER_ID: 'partner',
    MOSIP_WEBSUB_SECRET: 'secret',
    MOSIP_WEBSUB_CALLBACK_URL: `${nowhere}/national-id/callback`,
    MOSIP_CREDENTIAL_KEY_FILE: keyFile,
    FHIR_BASE_URL: `${nowhere}/fhir`,
    OSIA_BASE_URL: nowhere,
    OSIA_TOKEN_URL: `${nowhere}/token`,
    OSIA_CLIENT_ID: 'osia',
    OSIA_CLIENT_SECRET: 'secret',
    REST_CONFIG_FILE: REST_FILE,
    REST_BASE_URL: nowhere,
    REGISTRY_CLIENT_ID: 'registry',
    REGISTRY_CLIENT_SECRET: 'secret',
    REGISTRY_CALLBACK_KEY: 'secret',
  };
});
afterAll(() => folder.remove());

test.each(['mosip', 'fhir', 'osia', 'rest'])('as shipped, every mapping and sample is well: %s', async (system) => {
  const ended = await run(['mapping', 'check', '--system', system], { environment });
  expect(ended.said).toBe('');
  expect(ended.out).toContain(`ok     sample birth for ${system}`);
  expect(ended.out).toMatch(/^ok +opencrvs\/events\.jsonata$/m);
  expect(ended.code).toBe(0);
});

test.each(['mosip', 'fhir', 'osia', 'rest'])('a birth as it would be sent: %s', async (system) => {
  const ended = await run(['mapping', 'run', '--event', WEBHOOK, '--system', system, '--json'], { environment });
  expect(ended.code).toBe(0);
  const shown = JSON.parse(ended.out);
  expect(shown).toMatchObject({ result: 'sent', operation: 'issue', request: { method: /POST|PUT/ } });
  expect(JSON.stringify(shown.request.body)).toMatch(/Thandiwe|2024BQX7T4N/);
  expect(shown.request).not.toHaveProperty('headers');
});

test('in words: the call and its body', async () => {
  const ended = await run(['mapping', 'run', '--event', WEBHOOK], { environment });
  expect(ended.out).toMatch(/^issue: PUT http:\/\/127\.0\.0\.1:9\/commons\/v1\/packetmanager\/createPacket$/m);
  expect(ended.out).toContain('"birthCertificateNumber": "2024BQX7T4N"');
});

test.each([
  { name: 'as shipped, nothing', documents: 'none', expected: {} },
  { name: 'references', documents: 'reference', expected: { kept: ['/ocrvs/1.png'] } },
  {
    name: 'never their content',
    documents: 'passed-on',
    expected: { kept: ['/ocrvs/1.png'], size: 15, content: 'content/left/out' },
  },
])('of documents is shown: $name', async ({ documents, expected }) => {
  const content = Buffer.from('a scan of paper').toString('base64');
  const file = eventFile('documented.json', {
    ...BIRTH,
    documents: [
      { kind: 'PASSPORT', reference: '/ocrvs/1.png' },
      { kind: 'NATIONAL_ID', content },
    ],
  });
  const MAPPINGS_DIR = mappingsWith(documents, 'mosip/birth.jsonata', (text) =>
    text.replace(
      '"birthCertificateNumber":',
      '"papers": $string({ "kept": [event.documents.reference], "size": event.documents.bytes, "content": event.documents.content }), $&',
    ),
  );
  const ended = await run(['mapping', 'run', '--event', file, '--json'], {
    environment: { ...environment, MAPPINGS_DIR, NATIONAL_ID_DOCUMENTS: documents },
  });
  const { papers } = JSON.parse(ended.out).request.body.request.fields;
  expect(JSON.parse(papers)).toEqual({ kept: [], ...expected });
  expect(ended.out).not.toContain(content);
});

test('a file that does not compile is named, and the rest is looked at all the same', async () => {
  const MAPPINGS_DIR = mappingsWith('broken', 'opencrvs/events.jsonata', (text) => `${text} (`);
  const ended = await run(['mapping', 'check', '--json'], { environment: { ...environment, MAPPINGS_DIR } });
  expect(ended.code).toBe(1);
  const { findings } = JSON.parse(ended.out) as { findings: { name: string; problem?: string }[] };
  expect(findings.filter(({ problem }) => problem !== undefined)).toEqual([
    {
      name: 'opencrvs/events.jsonata',
      problem: expect.stringMatching(/^The mapping opencrvs\/events\.jsonata failed, S0/),
    },
  ]);
  expect(findings.length).toBeGreaterThan(10);
});

test('a field that cannot be made is named, without the data', async () => {
  const MAPPINGS_DIR = mappingsWith('failing', 'mosip/birth.jsonata', (text) =>
    text.replace(
      '"dateOfBirth": $date(event.subject.birthDate)',
      '"dateOfBirth": $number(event.subject.names[0].family)',
    ),
  );
  const options = { environment: { ...environment, MAPPINGS_DIR } };
  const checked = await run(['mapping', 'check'], options);
  expect(checked.out).toMatch(
    /sample birth for mosip: The mapping mosip\/birth\.jsonata failed in the field dateOfBirth/,
  );
  expect(checked.code).toBe(1);
  const ended = await run(['mapping', 'run', '--event', eventFile('birth.json', BIRTH)], options);
  expect(ended).toMatchObject({ code: 1, out: '' });
  expect(ended.said).toMatch(/in the field dateOfBirth, D3030/);
  expect(ended.said).not.toContain(CANARY);
});

test('what the rule leaves out is told', async () => {
  const event = eventFile('nameless.json', { ...BIRTH, subject: { ...BIRTH.subject, names: [] } });
  const ended = await run(['mapping', 'run', '--event', event], {
    environment: { ...environment, ELIGIBILITY_RULE: 'complete-births' },
  });
  expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('The child has no name yet.') });
});

test('a death of nobody whom the system could know is refused before anything is sent', async () => {
  const event = eventFile('death.json', { ...BIRTH, kind: 'death' });
  const ended = await run(['mapping', 'run', '--event', event], { environment });
  expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('NATIONAL_ID_MISSING') });
});

test.each([
  { name: 'no file named', args: [], said: '--event is missing' },
  { name: 'a file that is not there', args: ['--event', '/nowhere/at-all.json'], said: 'cannot be read' },
  { name: 'no JSON', content: `{ "${CANARY}`, said: 'valid JSON' },
  { name: 'something else', content: { kind: CANARY }, said: 'kind is not as expected' },
])('a wrong call is told in words: $name', async ({ args, content, said }) => {
  const given = args ?? ['--event', eventFile('wrong.json', content)];
  const ended = await run(['mapping', 'run', ...given], { environment });
  expect(ended).toMatchObject({ code: 64, said: expect.stringContaining(said) });
  expect(ended.said).not.toContain(CANARY);
});

test('settings that are not valid end it with 78', async () => {
  const ended = await run(['mapping', 'check'], { environment: { NATIONAL_ID_SYSTEM: 'fhir' } });
  expect(ended).toMatchObject({ code: 78, said: expect.stringContaining('FHIR_BASE_URL') });
});
