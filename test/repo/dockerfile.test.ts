import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { allowedInContext, assignments, copyWords, execForm, parseDockerfile } from './parse-dockerfile.js';
import { defaultOf, ROOT, settingOf, textOf } from './repository.js';

const packageJson = z
  .object({
    version: z.string(),
    license: z.string(),
    scripts: z.object({ start: z.string() }),
    devDependencies: z.object({ node: z.string() }),
  })
  .parse(JSON.parse(textOf('package.json')));

const stages = parseDockerfile(textOf('Dockerfile'));
const image = stages.at(-1) ?? stages[0];
const last = (keyword: string) => image.instructions.findLast((step) => step.keyword === keyword)?.text ?? '';
const all = (keyword: string) => image.instructions.filter((step) => step.keyword === keyword).map(({ text }) => text);

test('starts from the Node version that tests and builds run on, pinned, slim, Debian bookworm', () => {
  expect(stages[0].base).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/);
  expect(stages[0].base).toContain(`node:${packageJson.devDependencies.node}`);
  const names = stages.map(({ name }) => name);
  expect(stages.slice(1).filter(({ base }) => !names.includes(base))).toEqual([]);
});

test('sets only variables that are settings', () => {
  const variables = all('ENV').flatMap(assignments);
  expect(variables.filter(([name]) => settingOf(name) === undefined)).toEqual([]);
  expect(Object.fromEntries(variables)).toMatchObject({ NODE_ENV: 'production' });
});

test('keeps its data in a volume', () => {
  expect(Object.fromEntries(all('ENV').flatMap(assignments))['DATA_DIR']).toBe(last('VOLUME'));
});

test('exposes the default port', () => {
  expect(Number(last('EXPOSE'))).toBe(defaultOf('PORT'));
});

test('runs as a user without rights, with no step as that user that builds', () => {
  expect(last('USER')).toBe('node');
  const steps = image.instructions.map(({ keyword }) => keyword);
  expect(steps.lastIndexOf('RUN')).toBeLessThan(steps.indexOf('USER'));
});

test('starts as npm start does, without a shell in between', () => {
  expect(execForm(last('CMD'))).toEqual(packageJson.scripts.start.split(' '));
});

test('checks its health with node itself', () => {
  const [, command = ''] = / CMD (.*)$/.exec(last('HEALTHCHECK')) ?? [];
  expect(execForm(command)[0]).toBe('node');
});

test('is labelled with the version and the licence of the package', () => {
  expect(Object.fromEntries(all('LABEL').flatMap(assignments))).toMatchObject({
    'org.opencontainers.image.version': packageJson.version,
    'org.opencontainers.image.licenses': packageJson.license,
  });
});

test('takes its modules from a stage without development modules', () => {
  const source = all('COPY')
    .map(copyWords)
    .find(({ target }) => target === 'node_modules/')?.from;
  const installs = stages.find(({ name }) => name === source)?.instructions.filter(({ keyword }) => keyword === 'RUN');
  expect(installs).toEqual([{ keyword: 'RUN', text: 'npm ci --omit=dev' }]);
});

test('copies only what exists and what .dockerignore lets in', () => {
  const allowed = allowedInContext(textOf('.dockerignore'));
  const sources = stages
    .flatMap(({ instructions }) => instructions)
    .filter(({ keyword }) => keyword === 'COPY')
    .map(({ text }) => copyWords(text))
    .filter(({ from }) => from === undefined)
    .flatMap((copy) => copy.sources);
  expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(sources.filter((path) => !allowed.has(path.split('/')[0] ?? ''))).toEqual([]);
});
