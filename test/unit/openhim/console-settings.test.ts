import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadMediatorConfig, readConsoleSettings } from '../../../src/openhim/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';

const { config: shipped, configDefs } = loadMediatorConfig(
  join(import.meta.dirname, '..', '..', '..', 'mediator.json'),
);

test.each([
  { name: 'another level', config: { logLevel: 'debug' }, logLevel: 'debug' },
  { name: 'the shipped level, which core returns anyway', config: { logLevel: 'info' }, logLevel: undefined },
  { name: 'nothing', config: {}, logLevel: undefined },
  { name: 'a level that is none', config: { logLevel: 'loud' }, logLevel: undefined },
  { name: 'another type', config: { logLevel: 3 }, logLevel: undefined },
])('reads: $name', ({ config, logLevel }) => {
  expect(readConsoleSettings(config, shipped)).toEqual({ logLevel });
});

test('every setting that the console shows is read', () => {
  expect(configDefs.map(({ param }) => param)).toEqual(Object.keys(readConsoleSettings({}, shipped)));
});

test('each level that the console offers is one that is read', () => {
  const offered = configDefs.find(({ param }) => param === 'logLevel')?.values ?? [];
  expect(offered.map((logLevel) => readConsoleSettings({ logLevel }, {}).logLevel)).toEqual(offered);
  expect(offered).toHaveLength(4);
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
