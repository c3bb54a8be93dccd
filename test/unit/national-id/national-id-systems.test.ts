import { X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { FhirSettings, NationalIdSettings } from '../../../src/config/index.js';
import { MediatorError } from '../../../src/errors/index.js';
import {
  type CallbackDoor,
  createNationalIdSystems,
  type NationalIdSystem,
  type NationalIdSystemName,
  type NationalIdSystemsSettings,
  type Submission,
} from '../../../src/national-id/index.js';
import { nothingSupported } from '../../../src/national-id/not-supported.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { NO_DOCUMENTS } from '../../../src/vital-events/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { selfSigned } from '../../support/self-signed.js';

const fhir = (baseUrl: string): NationalIdSettings => {
  const settings: FhirSettings = { baseUrl, auth: { kind: 'none' }, nationalIdSystem: 'n', registrationSystem: 'r' };
  return { system: 'fhir', fhir: settings };
};
const rest = (baseUrl: string): NationalIdSettings => ({
  system: 'rest',
  rest: { baseUrl, auth: { kind: 'none' }, key: 'hex', operations: {} },
});

const wanted = (
  nationalId: NationalIdSettings,
  ...otherNationalIds: NationalIdSettings[]
): NationalIdSystemsSettings => ({
  nationalId,
  otherNationalIds,
  nationalIdMappingsDir: 'mappings',
  documents: NO_DOCUMENTS,
});

const door = (secret: string): CallbackDoor => ({
  confirmIntent({ topic }) {
    if (topic !== secret) throw new MediatorError('subscription_unknown');
    return { status: 200, body: secret };
  },
  authenticate(headers) {
    if (headers['signature'] === undefined) throw new MediatorError('signature_missing', { message: secret });
    if (headers['signature'] !== secret) throw new MediatorError('signature_invalid', { message: secret });
    return { deliveryId: '1' };
  },
  read: async () => ({ outwardKey: 'k', identity: {} }),
});

/** A registry whose systems are built here: what became of each, by its address. */
function registry(first: NationalIdSystemsSettings, broken: ReadonlySet<string> = new Set()) {
  const clock = new ManualClock();
  const { log, lines } = createMemoryLog();
  const [metrics, health] = [createMetrics(), createHealth(clock)];
  const told: string[] = [];
  const answers = new Map<string, () => void>();
  const systems = createNationalIdSystems(
    { outbound: createOutboundClient({ clock, metrics }), clock, log, metrics, health },
    first,
    (deps, settings): NationalIdSystem => {
      const address = settings.system === 'fhir' ? settings.fhir.baseUrl : settings.system;
      const name: NationalIdSystemName = settings.system;
      const check = deps.health.check(name, 'ok', address);
      if (broken.has(address)) throw new MediatorError('mapping_failed');
      return {
        ...nothingSupported,
        name,
        capabilities: new Set(),
        outwardKey: () => address,
        callback: door(address),
        issue: () =>
          new Promise((resolve) => {
            answers.set(address, () => resolve({ result: 'pending' }));
          }),
        start: () => void told.push(`start ${address}`),
        async stop() {
          check.report('degraded', `${address} has stopped`);
          told.push(`stop ${address}`);
        },
      };
    },
  );
  return {
    systems,
    told,
    lines,
    clock,
    metrics,
    answer: (address: string) => answers.get(address)?.(),
    checks: () => Object.values(health.readiness().checks).map(({ detail }) => detail),
  };
}

const SUBMISSION: Submission = {
  event: {
    kind: 'birth',
    registrationNumber: '1',
    subject: { names: [], identifiers: [], nationalities: [], addresses: [] },
  },
  outwardKey: 'k',
  repeated: false,
  signal: new AbortController().signal,
};

const keyOf = (system: NationalIdSystem | undefined) => system?.outwardKey(new Uint8Array());

test('new events go to the chosen system, and the others are there by name', () => {
  const { systems, told } = registry(wanted(fhir('a'), rest('b')));
  systems.start();
  expect([systems.current(), systems.named('fhir'), systems.named('rest'), systems.named('mosip')].map(keyOf)).toEqual([
    'a',
    'a',
    'rest',
    undefined,
  ]);
  expect(told).toEqual(['start a', 'start rest']);
});

test('the same settings leave every system as it is', async () => {
  const { systems, told } = registry(wanted(fhir('a'), rest('b')));
  systems.start();
  systems.apply(wanted(rest('b'), fhir('a')));
  await systems.stop();
  expect(keyOf(systems.current())).toBe('rest');
  expect(told).toEqual(['start a', 'start rest', 'stop rest', 'stop a']);
});

test('a changed system is replaced, and the old one stops after its calls in hand', async () => {
  const { systems, told, answer, checks } = registry(wanted(fhir('a')));
  systems.start();
  const inHand = systems.current().issue(SUBMISSION);
  systems.apply(wanted(fhir('b')));
  expect(keyOf(systems.current())).toBe('b');
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(['start a', 'start b']);
  answer('a');
  await expect(inHand).resolves.toEqual({ result: 'pending' });
  await systems.stop();
  expect(told.slice(2).toSorted()).toEqual(['stop a', 'stop b']);
  expect(checks()).toEqual(['b has stopped']);
});

test('a system that is no longer configured is no longer shown', () => {
  const { systems, checks } = registry(wanted(fhir('a'), rest('b')));
  expect(checks()).toEqual(['a', 'rest']);
  systems.apply(wanted(fhir('a')));
  expect(systems.named('rest')).toBeUndefined();
  expect(checks()).toEqual(['a']);
});

test('a chosen system that cannot be built changes nothing, not even what health says', () => {
  const { systems, told, checks } = registry(wanted(fhir('a')), new Set(['b']));
  systems.start();
  expect(() => systems.apply(wanted(fhir('b')))).toThrow(expect.objectContaining({ code: 'mapping_failed' }));
  expect(keyOf(systems.current())).toBe('a');
  expect([told, checks()]).toEqual([['start a'], ['a']]);
});

test('another system that cannot be built is left as it was, and told', () => {
  const { systems, lines } = registry(wanted(rest('r'), fhir('a')), new Set(['b']));
  systems.apply(wanted(rest('r'), fhir('b')));
  expect(keyOf(systems.named('fhir'))).toBe('a');
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(['national_id.left_out']);
});

test('one that cannot be built at the start ends the start', () => {
  expect(() => registry(wanted(fhir('a')), new Set(['a']))).toThrow(MediatorError);
});

test('a callback belongs to the system that knows its sender', () => {
  const { callback } = registry(wanted(fhir('a'), rest('b'))).systems;
  expect(callback.authenticate({ signature: 'a' }, new Uint8Array())).toEqual({ system: 'fhir', deliveryId: '1' });
  expect(callback.authenticate({ signature: 'rest' }, new Uint8Array())).toEqual({ system: 'rest', deliveryId: '1' });
  expect(callback.confirmIntent({ topic: 'rest' })).toEqual({ status: 200, body: 'rest' });
});

test('a callback that none knows is refused as the chosen system does', () => {
  const { callback } = registry(wanted(fhir('a'), rest('b'))).systems;
  const expected = { code: 'signature_invalid', message: 'a' };
  expect(() => callback.authenticate({ signature: 'x' }, new Uint8Array())).toThrow(expect.objectContaining(expected));
});

test('the client certificate is watched from the start to the stop', async () => {
  const clientCertificate = selfSigned();
  const at = new X509Certificate(clientCertificate.cert).validToDate.getTime();
  const { systems, clock, metrics, checks } = registry({ ...wanted(fhir('a')), clientCertificate });
  systems.start();
  await clock.advance(at - clock.now());
  expect(checks().join()).toContain(`client: ${new Date(at).toISOString().slice(0, 10)}`);
  expect((await metrics.render()).text).toContain(`expiry_timestamp_seconds{certificate="client"} ${at / 1000}`);
  await systems.stop();
});
