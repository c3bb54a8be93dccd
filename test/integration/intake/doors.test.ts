import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createApp, type Listener, listen } from '../../../src/http/index.js';
import { callbackRoutes, webhookRoutes } from '../../../src/intake/index.js';
import { createNationalIdSystem, type NationalIdSystem } from '../../../src/national-id/index.js';
import { createSubscription, createSystemToken, type Subscription, signWebhook } from '../../../src/opencrvs/index.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import type { Incoming } from '../../../src/vital-events/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { createKeyPair, makeDelivery, sealCredential } from '../../peers/mosip-credential.js';
import { MosipPeer } from '../../peers/mosip-peer.js';
import { mosipSettings } from '../../peers/mosip-settings.js';
import { OpenCrvsPeer } from '../../peers/opencrvs-peer.js';
import { fixture } from '../../support/fixtures.js';
import { until } from '../../support/until.js';

const MAX_BODY_BYTES = 52_428_800;
const BIRTH = fixture<{ readonly event: unknown }>('opencrvs/birth-registered.webhook.json');
const keys = createKeyPair();

const accepted: Incoming[] = [];
const callbacks: { readonly deliveryId: string; readonly body: Buffer }[] = [];
const { log, lines } = createMemoryLog();

let opencrvs: OpenCrvsPeer;
let mosip: MosipPeer;
let listener: Listener;
let close: () => Promise<void>;

/** Our doors on a real listener, with the real subscriptions and nothing behind them but memory. */
beforeAll(async () => {
  opencrvs = await new OpenCrvsPeer().start();
  mosip = await new MosipPeer({ credentialKey: keys.publicKey }).start();
  const metrics = createMetrics();
  const outbound = createOutboundClient({ clock: systemClock, metrics });
  const deps = { outbound, clock: systemClock, log, metrics, health: createHealth(systemClock) };

  // The doors have to be open before anybody is asked to come: their addresses are known only then.
  const parts: { subscription?: Subscription; system?: NationalIdSystem } = {};
  const need = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('called before it was asked to');
    return part;
  };
  const accept = async (incoming: Incoming) => {
    accepted.push(incoming);
    return { id: randomUUID(), isRepeat: false };
  };
  const routes = [
    ...webhookRoutes(
      { accept, log, subscription: { confirmIntent: (query) => need(parts.subscription).confirmIntent(query) } },
      { secrets: [opencrvs.system.shaSecret], maxBodyBytes: MAX_BODY_BYTES },
    ),
    ...callbackRoutes({
      doors: {
        confirmIntent: (query) => need(parts.system?.callback).confirmIntent(query),
        authenticate: (headers, body) => ({
          system: 'mosip',
          ...need(parts.system?.callback).authenticate(headers, body),
        }),
      },
      acceptCallback: async (_system, deliveryId, body) => void callbacks.push({ deliveryId, body: Buffer.from(body) }),
    }),
  ];
  const app = createApp(deps, routes, { urn: 'urn:mediator:test', inbound: undefined, renderers: {} });
  listener = await listen(app, { host: '127.0.0.1', port: 0, tls: undefined });
  const ourUrl = `http://127.0.0.1:${listener.port}`;

  const { clientId, clientSecret, tokenMode, shaSecret } = opencrvs.system;
  const tokens = createSystemToken(deps, {
    authUrl: opencrvs.auth.url,
    tokenMode,
    clientId,
    clientSecret,
    scope: 'nationalId',
  });
  const subscription = createSubscription(
    { ...deps, tokens },
    {
      webhooksUrl: opencrvs.webhooks.url,
      callbackUrl: `${ourUrl}/opencrvs/webhooks`,
      secret: shaSecret,
      topics: ['BIRTH_REGISTERED', 'DEATH_REGISTERED'],
    },
  );
  const own = { callbackUrl: `${ourUrl}/national-id/callback`, credentialKey: keys.privateKey };
  const system = createNationalIdSystem(
    deps,
    { system: 'mosip', mosip: mosipSettings(mosip.url, own) },
    { dir: join(import.meta.dirname, '../../../config/mappings') },
  );
  Object.assign(parts, { subscription, system });
  subscription.start();
  system.start();
  close = async () => {
    await subscription.stop();
    await system.stop();
    tokens.stop();
    await listener.close(1_000);
    await outbound.close();
    await opencrvs.stop();
    await mosip.stop();
  };
});

afterAll(() => close());

beforeEach(() => {
  accepted.length = 0;
  callbacks.length = 0;
});

describe('OpenCRVS', () => {
  beforeAll(() => opencrvs.webhooks.until(() => opencrvs.webhooks.subscriptions.length === 2));

  test('subscribes us to both topics: its challenge comes back unharmed', () => {
    expect(opencrvs.webhooks.subscriptions.map(({ topic }) => topic).sort()).toEqual([
      'BIRTH_REGISTERED',
      'DEATH_REGISTERED',
    ]);
  });

  test('delivers a signed event, which is accepted as it came', async () => {
    const [report] = await opencrvs.deliver(BIRTH);
    expect(report).toMatchObject({ attempts: 1, status: 200 });
    expect(accepted).toHaveLength(1);
    expect(JSON.parse(accepted[0]?.raw ?? '')).toMatchObject({ event: BIRTH.event });
    expect(accepted[0]?.reading.ok).toBe(true);
  });

  test('is refused when it signs with another secret', async () => {
    const [report] = await opencrvs.deliver(BIRTH, { secret: 'another' });
    expect(report).toMatchObject({ attempts: 1, status: 401 });
    expect(accepted).toEqual([]);
  });

  test('may send as much as it takes itself: 50 MiB, in any script', async () => {
    const shell = JSON.stringify(BIRTH);
    const padding = 'ገ'.repeat((MAX_BODY_BYTES - Buffer.byteLength(shell) - 16) / 3);
    const body = Buffer.from(shell.replace('{', `{"padding":"${padding}",`));
    expect(body.length).toBeLessThanOrEqual(MAX_BODY_BYTES);
    const response = await fetch(`http://127.0.0.1:${listener.port}/opencrvs/webhooks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature': signWebhook(body, opencrvs.system.shaSecret),
      },
      body,
    });
    expect(response.status).toBe(200);
    expect(accepted).toHaveLength(1);
  });

  test('goes away in the middle of a body: nothing is accepted, and the next delivery is', async () => {
    const body = Buffer.from(JSON.stringify(BIRTH));
    const socket = connect(listener.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const head = [
      'POST /opencrvs/webhooks HTTP/1.1',
      'host: mediator',
      'content-type: application/json',
      `content-length: ${body.length}`,
      `x-hub-signature: ${signWebhook(body, opencrvs.system.shaSecret)}`,
      'x-correlation-id: the-cut-delivery',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.write(body.subarray(0, body.length / 2), () => socket.destroy());
    await until(() => lines.some((line) => line.includes('the-cut-delivery')), 'the cut request is in the log');
    expect(accepted).toEqual([]);

    const [report] = await opencrvs.deliver(BIRTH);
    expect(report).toMatchObject({ attempts: 1, status: 200 });
    expect(accepted).toHaveLength(1);
  });
});

describe("MOSIP's hub", () => {
  beforeAll(() => mosip.until(() => mosip.hub.subscribers === 1));

  test('verifies our intent and delivers to the address with a slash; a repeat has the same id', async () => {
    const body = makeDelivery('crvs_partner/CREDENTIAL_ISSUED', sealCredential('{}', keys.publicKey));
    const before = mosip.hub.delivered;
    mosip.hub.publish(body, `${mosip.url}/hub`);
    mosip.hub.publish(body, `${mosip.url}/hub`);
    await mosip.until(() => mosip.hub.delivered === before + 2);
    expect(callbacks).toHaveLength(2);
    expect(callbacks.every((callback) => callback.body.equals(body))).toBe(true);
    expect(callbacks[0]?.deliveryId).toBe(callbacks[1]?.deliveryId);
    expect(mosip.hub.subscribers).toBe(1);
  });
});

test('nothing of the deliveries reaches the log', () => {
  expect(lines.join('\n')).not.toMatch(/sha256=|credentialSubject|"given"|ገ/);
});
