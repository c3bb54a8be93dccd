import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DEFINITIONS, type Definition, loadSettings, type Problem, type Settings } from '../../../src/config/index.js';
import { MediatorError } from '../../../src/errors/index.js';
import { createConsoleSettings, loadMediatorConfig, readConsoleValues } from '../../../src/openhim/index.js';
import { createHealth } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { FEWEST } from '../config/environment.js';

const { config: shipped, configDefs } = loadMediatorConfig(
  join(import.meta.dirname, '..', '..', '..', 'mediator.json'),
);

/** The settings that name a place in the console. */
const IN_CONSOLE = Object.entries<Definition>(DEFINITIONS).flatMap(([name, definition]) =>
  definition.console === undefined ? [] : [{ name, definition, param: definition.console }],
);

const TYPES: readonly [RegExp, string][] = [
  [/^one of /, 'option'],
  [/^whole number/, 'number'],
  [/^true or false$/, 'bool'],
  [/./, 'string'],
];

describe('mediator.json and the settings', () => {
  test('the console shows every setting that it can change, and no other', () => {
    const shown = configDefs.map(({ param }) => param);
    expect(shown.toSorted()).toEqual(IN_CONSOLE.map(({ param }) => param).toSorted());
    expect(Object.keys(shipped)).toEqual(shown);
  });

  test.each(IN_CONSOLE)('$param has the type, the values and the default of $name', ({ name, definition, param }) => {
    const def = configDefs.find((one) => one.param === param);
    expect(def?.type).toBe(TYPES.find(([pattern]) => pattern.test(definition.expects))?.[1]);
    expect(def).toMatchObject({ displayName: expect.any(String), description: expect.stringMatching(/.{20}/) });
    if (def?.type === 'option') expect(`one of ${def.values?.join(', ')}`).toBe(definition.expects);
    // What stands there at first means: as the deployment says, by this name.
    const value = definition.schema.parse(undefined);
    expect(shipped[param]).toEqual(value === undefined ? '' : value);
    if (shipped[param] !== '' && def?.type !== 'bool') expect(def?.['description']).toContain(name);
  });

  test('no secret, no certificate and no callback is among them', () => {
    expect(IN_CONSOLE.filter(({ definition }) => definition.secret)).toEqual([]);
    expect(
      IN_CONSOLE.filter(({ name }) => /SECRET|PASSWORD|KEY|TOKEN|CALLBACK|TLS|CA_FILE|SELF_SIGNED/.test(name)),
    ).toEqual([]);
  });
});

describe('reading what core holds', () => {
  const read = (config: Readonly<Record<string, unknown>>) => {
    const problems: Problem[] = [];
    return { values: readConsoleValues(config, shipped, problems), faults: problems.map(({ setting }) => setting) };
  };

  test.each([
    { name: 'all as shipped, as core returns it', config: shipped, values: {} },
    { name: 'nothing', config: {}, values: {} },
    { name: 'an option', config: { logLevel: 'debug' }, values: { LOG_LEVEL: 'debug' } },
    { name: 'a number', config: { callTimeoutMs: 2000 }, values: { CALL_TIMEOUT_MS: '2000' } },
    { name: 'a boolean', config: { pauseSubmissions: true }, values: { SUBMISSIONS_PAUSED: 'true' } },
    { name: 'an address in blanks', config: { fhirBaseUrl: ' http://f ' }, values: { FHIR_BASE_URL: 'http://f' } },
    { name: 'an empty text', config: { fhirBaseUrl: '' }, values: {} },
    { name: 'null', config: { callTimeoutMs: null }, values: {} },
  ])('takes: $name', ({ config, values }) => {
    expect(read(config)).toEqual({ values, faults: [] });
  });

  test.each([
    { name: 'the mask of a password', config: { fhirBaseUrl: '**********' }, fault: 'FHIR_BASE_URL' },
    { name: 'an object', config: { logLevel: { level: 'debug' } }, fault: 'LOG_LEVEL' },
    { name: 'a list', config: { callTimeoutMs: [2000] }, fault: 'CALL_TIMEOUT_MS' },
    { name: 'a setting that is not there', config: { mosipSecret: 'x' }, fault: 'mosipSecret' },
  ])('refuses: $name', ({ config, fault }) => {
    expect(read(config)).toEqual({ values: {}, faults: [fault] });
  });
});

/** Settings under a console, with all that is told about them. */
function start(environment: Readonly<Record<string, string>> = {}, apply: (settings: Settings) => void = () => {}) {
  const { log, lines } = createMemoryLog();
  const health = createHealth(new ManualClock());
  const applied: Settings[] = [];
  const settings = createConsoleSettings(
    {
      log,
      health,
      apply(next) {
        apply(next);
        applied.push(next);
      },
    },
    loadSettings({ ...FEWEST, OUTBOUND_ALLOWED_HOSTS: 'known', ...environment }),
    shipped,
  );
  return {
    settings,
    applied,
    check: () => health.readiness().checks['console-settings'],
    told: () => lines.map((line) => JSON.parse(line)).map(({ event, setting }) => `${event} ${setting}`),
    lines,
  };
}

describe('settings under the console', () => {
  test('the console wins over the environment, and gives it back', () => {
    const { settings, told, check } = start({ CALL_TIMEOUT_MS: '3000' });
    expect(check()).toMatchObject({ state: 'unknown' });
    settings.take({ ...shipped, callTimeoutMs: 2_000 });
    expect(settings.current().callTimeoutMs).toBe(2_000);
    expect(settings.current().sources).toMatchObject({ CALL_TIMEOUT_MS: 'console', PORT: 'default' });
    settings.take(shipped);
    expect(settings.current().callTimeoutMs).toBe(3_000);
    expect(settings.current().sources).toMatchObject({ CALL_TIMEOUT_MS: 'environment' });
    expect(told()).toEqual(['settings.changed CALL_TIMEOUT_MS', 'settings.changed CALL_TIMEOUT_MS']);
    expect(check()).toEqual(expect.objectContaining({ state: 'ok' }));
  });

  test('what says the same is not applied again', () => {
    const { settings, applied } = start();
    settings.take(shipped);
    settings.take({ logLevel: 'debug' });
    settings.take({ ...shipped, logLevel: 'debug' });
    expect(applied).toHaveLength(1);
  });

  test.each([
    { name: 'a number out of range', bad: { callTimeoutMs: 5 }, param: 'callTimeoutMs', expected: /whole number/ },
    { name: 'a part of a number', bad: { callTimeoutMs: 2000.5 }, param: 'callTimeoutMs', expected: /whole number/ },
    { name: 'an option that is none', bad: { birthCancellation: 'x' }, param: 'birthCancellation', expected: /one of/ },
    { name: 'no address', bad: { fhirBaseUrl: 'known' }, param: 'fhirBaseUrl', expected: /http or https/ },
    {
      name: 'a foreign host',
      bad: { fhirBaseUrl: 'https://else' },
      param: 'fhirBaseUrl',
      expected: /OUTBOUND_ALLOWED/,
    },
    { name: 'a mask', bad: { mosipBaseUrl: '**********' }, param: 'mosipBaseUrl', expected: /http or https/ },
    { name: 'a folder outside', bad: { nationalIdMappings: '../x' }, param: 'nationalIdMappings', expected: /folder/ },
    {
      name: 'a folder that is not there',
      bad: { nationalIdMappings: 'no' },
      param: 'nationalIdMappings',
      expected: /folder/,
    },
  ])('a bad value leaves the last good one and does not hold up others: $name', ({ bad, param, expected }) => {
    const { settings, told, check } = start();
    const good = { callTimeoutMs: 2_000, birthCancellation: 'deactivate', fhirBaseUrl: 'https://known/fhir' };
    settings.take(good);
    const before = settings.current();
    settings.take({ ...good, ...bad, logLevel: 'debug' });
    const { callTimeoutMs, birthCancellation, nationalId } = before;
    expect(settings.current()).toMatchObject({ callTimeoutMs, birthCancellation, nationalId, logLevel: 'debug' });
    expect(settings.refused()).toHaveLength(1);
    const { state, detail } = check() ?? {};
    expect([state, detail]).toEqual(['degraded', expect.stringContaining(`${param} (`)]);
    expect(detail).toMatch(expected);
    expect(told().filter((line) => line.startsWith('settings.refused'))).toHaveLength(1);
    settings.take(good);
    expect(check()).toMatchObject({ state: 'ok' });
    expect(settings.refused()).toEqual([]);
  });

  test('values that do not work together leave all as it was', () => {
    const { settings, check } = start();
    settings.take({ logLevel: 'debug' });
    settings.take({ logLevel: 'warn', nationalIdSystem: 'rest' });
    expect(settings.current()).toMatchObject({ nationalId: { system: 'fhir' }, logLevel: 'debug' });
    expect(check()?.detail).toContain('REST_CONFIG_FILE');
  });

  test('settings that cannot be put into effect leave all as it was', () => {
    const { settings, applied, check } = start({}, ({ logLevel }) => {
      if (logLevel === 'warn') throw new MediatorError('mapping_failed', { message: 'The mapping x failed.' });
    });
    settings.take({ logLevel: 'debug' });
    settings.take({ logLevel: 'warn' });
    expect(settings.current().logLevel).toBe('debug');
    expect(applied).toHaveLength(1);
    expect(check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('The mapping x failed.') });
  });

  test('a refused value is never told', () => {
    const { settings, lines, check } = start();
    settings.take({ fhirBaseUrl: 'https://user:hush@known/', logLevel: 'hush' });
    expect(settings.refused()).toHaveLength(2);
    expect(lines.join() + JSON.stringify(check())).not.toContain('hush');
  });
});

describe('what is remembered', () => {
  const memory = (content: unknown) => {
    const written: unknown[] = [];
    return { written, read: async () => content, write: async (config: unknown) => void written.push(config) };
  };

  test('counts until core is heard', async () => {
    const { settings } = start();
    await settings.remember(memory({ logLevel: 'debug' }));
    expect(settings.current().logLevel).toBe('debug');
    settings.take({ logLevel: 'warn' });
    expect(settings.current().logLevel).toBe('warn');
  });

  test('does not count any more once core was heard, which is then remembered', async () => {
    const { settings } = start();
    settings.take({ logLevel: 'warn' });
    const kept = memory({ logLevel: 'debug' });
    await settings.remember(kept);
    settings.take({ logLevel: 'error' });
    expect(settings.current().logLevel).toBe('error');
    expect(kept.written).toEqual([{ logLevel: 'warn' }, { logLevel: 'error' }]);
  });

  test.each([undefined, null, 'text', [1]])('is nothing: %p', async (content) => {
    const { settings, applied } = start();
    await settings.remember(memory(content));
    expect(applied).toEqual([]);
  });
});

test('a new level applies at once, to loggers made before too', () => {
  const { log, lines } = createMemoryLog('info');
  const child = log.child({ peer: 'openhim' });
  child.debug({}, 'before');
  log.setLevel('debug');
  child.debug({}, 'after');
  log.setLevel('error');
  child.warn({}, 'too low');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['after']);
});
