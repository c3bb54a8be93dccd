import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadSettings } from '../../src/config/index.js';
import { assignments, parseDockerfile } from './parse-dockerfile.js';
import { settingOf, textOf } from './repository.js';

const Service = z.object({
  image: z.string(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});
const Compose = z.object({ services: z.record(z.string(), Service), volumes: z.record(z.string(), z.null()) });
const Place = z.object({ host: z.string(), port: z.number() });
const MediatorJson = z.object({
  version: z.string(),
  endpoints: z.array(Place).min(1),
  defaultChannelConfig: z.array(z.object({ routes: z.array(Place).min(1) })).min(1),
});

const text = textOf('docker-compose.yml');
const { services, volumes } = Compose.parse(parse(text));
const mediatorJson = MediatorJson.parse(JSON.parse(textOf('mediator.json')));
const NAME = 'national-id-mediator';
const mediator = Service.parse(services[NAME]);
const imageSteps = parseDockerfile(textOf('Dockerfile')).at(-1)?.instructions ?? [];
const imageEnv = Object.fromEntries(
  imageSteps.filter(({ keyword }) => keyword === 'ENV').flatMap((step) => assignments(step.text)),
);

/** The lines of the example: name, value, and whether the line is in use. */
const example = [...textOf('deploy/compose.env.example').matchAll(/^(#?)([A-Z_]+)=(.*)$/gm)].map(
  ([, comment = '', name = '', value = '']) => ({ name, value, used: comment === '' }),
);

/** Replaces `${NAME:?message}` and `${NAME:-default}` as compose does. */
function interpolate(value: string, environment: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\{(\w+):([?-])([^}]*)\}/g, (_, name: string, kind: string, rest: string) => {
    const given = environment[name] ?? '';
    if (given === '' && kind === '?') throw new Error(`${name}: ${rest}`);
    return given === '' ? rest : given;
  });
}

const SECRETS = {
  POSTGRES_PASSWORD: 'a1b2c3',
  DATA_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  INDEX_KEY: 'i'.repeat(32),
  OPENHIM_PASSWORD: 'p',
  INBOUND_PASSWORD: 'q',
};
const filledIn: Readonly<Record<string, string>> = {
  ...Object.fromEntries(example.filter(({ used }) => used).map(({ name, value }) => [name, value])),
  ...SECRETS,
};
const environment: Readonly<Record<string, string>> = {
  ...imageEnv,
  ...filledIn,
  ...Object.fromEntries(
    Object.entries(mediator.environment).map(([name, value]) => [name, interpolate(value, filledIn)]),
  ),
};

/** Our own secrets are known by their setting, those of the other services by their names. */
function isSecret(name: string): boolean {
  const definition = settingOf(name);
  if (name.endsWith('_FILE')) return false;
  return definition === undefined ? /PASSWORD|SECRET|KEY/.test(name) : definition.secret;
}

test('gives the mediator only variables that are settings', () => {
  expect(Object.keys(mediator.environment).filter((name) => settingOf(name) === undefined)).toEqual([]);
});

test('the example names only settings and what the compose file asks for', () => {
  const asked = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  expect(example.filter(({ name }) => settingOf(name) === undefined && !asked.has(name))).toEqual([]);
  const names = new Set(example.map(({ name }) => name));
  expect([...asked].filter((name) => name !== undefined && !names.has(name))).toEqual([]);
});

test('no secret has a value or a default', () => {
  expect(example.filter(({ name, value }) => value !== '' && isSecret(name))).toEqual([]);
  const given = Object.values(services).flatMap((service) => Object.entries(service.environment));
  expect(given.filter(([name, value]) => isSecret(name) && !/\$\{\w+:\?[^}]+\}/.test(value))).toEqual([]);
});

test.each(Object.keys(SECRETS))('does not start without %s', (name) => {
  const without = { ...filledIn, [name]: '' };
  const values = Object.values(services).flatMap((service) => Object.values(service.environment));
  expect(() => values.map((value) => interpolate(value, without))).toThrow(name);
});

test('the settings are valid once the secrets are filled in', () => {
  const settings = loadSettings(environment);
  expect(settings.production).toBe(true);
  expect(settings.store.kind).toBe('postgres');
});

test('addresses name services of the file', () => {
  for (const name of ['DATABASE_URL', 'OPENHIM_API_URL'] as const) {
    expect(Object.keys(services)).toContain(new URL(environment[name] ?? '').hostname);
  }
});

test('OpenHIM reaches the mediator under the name and port of mediator.json', () => {
  const places = [...mediatorJson.endpoints, ...mediatorJson.defaultChannelConfig.flatMap(({ routes }) => routes)];
  const port = Number(environment['PORT']);
  expect(places.filter((place) => place.host !== NAME || place.port !== port)).toEqual([]);
  expect(mediator.image).toBe(`${NAME}:${mediatorJson.version}`);
});

test('publishes the port the mediator listens on, and nothing beyond this machine', () => {
  const ports = Object.values(services).flatMap((service) => service.ports);
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  expect(mediator.ports.map((port) => port.split(':').at(-1))).toEqual([environment['PORT']]);
});

test('mounts a declared volume where the image keeps its data', () => {
  const mounts = mediator.volumes.map((mount) => mount.split(':'));
  expect(mounts.map(([, target]) => target)).toContain(imageEnv['DATA_DIR']);
  const named = Object.values(services)
    .flatMap((service) => service.volumes)
    .map((mount) => mount.split(':')[0] ?? '')
    .filter((source) => !source.startsWith('.'));
  expect(named.sort()).toEqual(Object.keys(volumes).sort());
});

test('the mediator runs with no rights it does not need, and has time to stop', () => {
  expect(mediator).toMatchObject({
    init: true,
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    stop_grace_period: '30s',
  });
});

test('waits for healthy services only where they tell their health', () => {
  const waits = Object.values(services).flatMap((service) => Object.entries(service.depends_on));
  expect(waits.length).toBeGreaterThan(0);
  for (const [name, { condition }] of waits) {
    expect(services[name]).toBeDefined();
    if (condition === 'service_healthy') expect(services[name]?.healthcheck).toBeDefined();
  }
});

test('every image is pinned to a version', () => {
  const images = Object.values(services).map(({ image }) => image);
  expect(images.filter((image) => !/:v?\d/.test(image))).toEqual([]);
});
