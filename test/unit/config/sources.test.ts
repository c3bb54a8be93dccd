import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../../src/config/index.js';
import { FEWEST, faultsOf, PRODUCTION, problemsOf, settingsWith, temporaryFiles } from './environment.js';

const files = temporaryFiles();

describe('defaults < CONFIG_FILE < environment', () => {
  const file = files.write('order.json', { PORT: 5001, RETENTION_DAYS: '7', OPENHIM_LOG_BODIES: true, HOST: '' });

  test('the default where nothing is given', () => {
    expect(settingsWith()).toMatchObject({ http: { port: 4000, host: '0.0.0.0' }, retentionDays: 30 });
  });

  test('the file wins over the default: texts, numbers and true/false alike', () => {
    expect(settingsWith({ CONFIG_FILE: file })).toMatchObject({
      http: { port: 5001 },
      retentionDays: 7,
      openhimLogBodies: true,
    });
  });

  test('the environment wins over the file', () => {
    expect(settingsWith({ CONFIG_FILE: file, PORT: '5002', OPENHIM_LOG_BODIES: 'false' })).toMatchObject({
      http: { port: 5002 },
      retentionDays: 7,
      openhimLogBodies: false,
    });
  });

  test('an empty text is as good as nothing, in both', () => {
    expect(settingsWith({ CONFIG_FILE: file, PORT: '' }).http).toMatchObject({ port: 5001, host: '0.0.0.0' });
    expect(settingsWith({ CONFIG_FILE: '' }).http.port).toBe(4000);
  });

  test('everything may stand in the file', () => {
    expect(faultsOf({ CONFIG_FILE: files.write('all.json', FEWEST) })).toEqual([]);
  });
});

describe('a settings file in YAML', () => {
  test('is read like one in JSON, and keeps zeros that stand before a number', () => {
    const file = files.write(
      'settings.yaml',
      '# ours\nPORT: 5001\nOPENHIM_LOG_BODIES: true\nFHIR_NATIONAL_ID_SYSTEM: 00042\n',
    );
    expect(settingsWith({ CONFIG_FILE: file })).toMatchObject({
      http: { port: 5001 },
      openhimLogBodies: true,
      nationalId: { fhir: { nationalIdSystem: '00042' } },
    });
  });

  test.each([
    { name: 'no YAML', content: 'PORT: [', faults: ['CONFIG_FILE'] },
    { name: 'a list', content: '- PORT', faults: ['CONFIG_FILE'] },
    { name: 'an unknown key', content: 'PROT: 1', faults: ['CONFIG_FILE: PROT'] },
  ])('is refused with $name', ({ content, faults }) => {
    expect(faultsOf({ ...FEWEST, CONFIG_FILE: files.write('wrong.yml', content) })).toEqual(faults);
  });
});

test('tells where each value comes from', () => {
  const file = files.write('sources.json', { PORT: 5001, RETENTION_DAYS: 7 });
  expect(settingsWith({ CONFIG_FILE: file, PORT: '5002' }).sources).toMatchObject({
    PORT: 'environment',
    RETENTION_DAYS: 'file',
    HOST: 'default',
  });
});

test.each([
  { name: 'an unknown key', content: { PORT: 1, PROT: 2 }, faults: ['CONFIG_FILE: PROT'] },
  { name: 'several unknown keys', content: { a: 1, B: '2' }, faults: ['CONFIG_FILE: a', 'CONFIG_FILE: B'] },
  { name: 'a file for what is no secret', content: { PORT_FILE: '/x' }, faults: ['CONFIG_FILE: PORT_FILE'] },
  { name: 'a wrong value', content: { PORT: 'x' }, faults: ['PORT'] },
  { name: 'a nested object', content: { http: { port: 1 } }, faults: ['CONFIG_FILE'] },
  { name: 'null', content: { PORT: null }, faults: ['CONFIG_FILE'] },
  { name: 'a list', content: [], faults: ['CONFIG_FILE'] },
  { name: 'no JSON', content: 'PORT=1', faults: ['CONFIG_FILE'] },
  { name: 'nothing', content: '', faults: ['CONFIG_FILE'] },
])('a settings file with $name is refused', ({ content, faults }) => {
  expect(faultsOf({ ...FEWEST, CONFIG_FILE: files.write('wrong.json', content) })).toEqual(faults);
});

test('a settings file that is not there is refused', () => {
  expect(problemsOf({ ...FEWEST, CONFIG_FILE: join(files.folder, 'none.json') })).toEqual([
    { setting: 'CONFIG_FILE', expected: 'a readable file (ENOENT)' },
  ]);
});

describe('secrets from files', () => {
  const { INDEX_KEY: indexKey = '', ...others } = FEWEST;

  test.each([
    { name: 'without a newline', text: indexKey, read: indexKey },
    { name: 'with a newline', text: `${indexKey}\n`, read: indexKey },
    { name: 'with a newline of Windows', text: `${indexKey}\r\n`, read: indexKey },
    { name: 'with two newlines, one of them meant', text: `${indexKey}\n\n`, read: `${indexKey}\n` },
    { name: 'with blanks, which are meant', text: ` ${indexKey} \n`, read: ` ${indexKey} ` },
  ])('$name', ({ text, read }) => {
    const path = files.write('index.key', text);
    expect(loadSettings({ ...others, INDEX_KEY_FILE: path }).keys.index).toBe(read);
  });

  test('a value given directly wins over the file', () => {
    const path = files.write('index.key', 'another index key, long enough to pass too');
    expect(settingsWith({ INDEX_KEY_FILE: path }).keys.index).toBe(indexKey);
  });

  test('the environment names the file, or the settings file does', () => {
    const path = files.write('index.key', indexKey);
    const settingsFile = files.write('names-a-file.json', { INDEX_KEY_FILE: path });
    expect(loadSettings({ ...others, CONFIG_FILE: settingsFile }).keys.index).toBe(indexKey);
  });

  test('a file that is not there is told by its own name', () => {
    const environment = { ...others, ...PRODUCTION, DATABASE_URL: 'postgres://db' };
    const path = join(files.folder, 'none');
    expect(faultsOf({ ...environment, INDEX_KEY_FILE: path })).toEqual(['INDEX_KEY_FILE']);
  });

  test('an empty file is no secret', () => {
    const path = files.write('empty', '\n');
    expect(faultsOf({ ...FEWEST, FHIR_AUTH: 'bearer', FHIR_TOKEN_FILE: path })).toEqual(['FHIR_TOKEN_FILE']);
  });

  test('only a secret may come from a file', () => {
    expect(settingsWith({ PORT_FILE: files.write('port', '5001') }).http.port).toBe(4000);
  });
});

describe('other names', () => {
  const OPENHIM = { OPENHIM_REGISTER: 'true', OPENHIM_USERNAME: 'u', OPENHIM_PASSWORD: 'p' };

  test('OPENHIM_URL and TRUST_SELF_SIGNED', () => {
    const settings = settingsWith({ ...OPENHIM, OPENHIM_URL: 'https://core:8080', TRUST_SELF_SIGNED: 'true' });
    expect(settings.openhim).toMatchObject({ apiUrl: 'https://core:8080', trustSelfSigned: true });
  });

  test('the name itself wins over the other one, and both over the file', () => {
    const file = files.write('other-names.json', { OPENHIM_API_URL: 'https://file:8080' });
    const environment = { ...OPENHIM, CONFIG_FILE: file, OPENHIM_URL: 'https://other:8080' };
    expect(settingsWith(environment).openhim?.apiUrl).toBe('https://other:8080');
    expect(settingsWith({ ...environment, OPENHIM_API_URL: 'https://own:8080' }).openhim?.apiUrl).toBe(
      'https://own:8080',
    );
  });

  test('a problem is told by the name itself', () => {
    expect(faultsOf({ ...FEWEST, ...OPENHIM, OPENHIM_URL: 'core:8080' })).toEqual(['OPENHIM_API_URL']);
  });
});

test('the settings are frozen', () => {
  expect(Object.isFrozen(settingsWith())).toBe(true);
});
