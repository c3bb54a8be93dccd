import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FhirPeer, type FhirPeerAuth, type FhirPeerOptions } from '../peers/fhir-peer.js';
import { createKeyPair } from '../peers/mosip-credential.js';
import { MOSIP_ACCOUNTS, MosipPeer, type MosipPeerOptions } from '../peers/mosip-peer.js';
import { HUB_SECRET } from '../peers/mosip-settings.js';
import { OpenCrvsPeer } from '../peers/opencrvs-peer.js';
import type { OpenCrvsSystemOptions } from '../peers/opencrvs-system.js';
import { OpenHimCorePeer } from '../peers/openhim-core-peer.js';
import { OpenHimRouterPeer } from '../peers/openhim-router-peer.js';
import { copyTemplate } from './embedded-template.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** A client of the FHIR channel. */
export const FHIR_CLIENT = { id: 'fhir-client', password: 'fhir-client-password', roles: ['fhir'] } as const;
export const INBOUND = { username: 'openhim', password: 'inbound-password-of-the-tests' } as const;
export const FHIR_UPSTREAM = { username: 'mediator', password: 'upstream-password-of-the-tests' } as const;

export interface WorldOptions {
  readonly opencrvs?: OpenCrvsSystemOptions;
  readonly mosip?: Partial<MosipPeerOptions>;
  readonly fhir?: FhirPeerOptions;
}

/** Every system around the mediator, each a real server on loopback, and the settings by which they find each other. */
export interface World {
  readonly core: OpenHimCorePeer;
  readonly router: OpenHimRouterPeer;
  readonly opencrvs: OpenCrvsPeer;
  readonly mosip: MosipPeer;
  readonly fhir: FhirPeer;
  /** Where the mediator is to listen, and the folder it may keep its data in. */
  readonly port: number;
  readonly dataDir: string;
  /** The mediator's environment without a national ID system; OpenCRVS reaches it through OpenHIM's router. */
  readonly bareEnvironment: Readonly<Record<string, string>>;
  /** What MOSIP behind it adds; its hub too comes through the router. */
  readonly mosipEnvironment: Readonly<Record<string, string>>;
  /** Both. */
  readonly environment: Readonly<Record<string, string>>;
  /** What to change in it for a FHIR server as national ID system. */
  readonly fhirEnvironment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

function fhirCredentials(auth: FhirPeerAuth, tokenUrl: string): Readonly<Record<string, string>> {
  switch (auth.kind) {
    case 'none':
      return {};
    case 'basic':
      return { FHIR_USERNAME: auth.username, FHIR_PASSWORD: auth.password };
    case 'bearer':
      return { FHIR_TOKEN: auth.token };
    case 'client-credentials':
      return {
        FHIR_TOKEN_URL: tokenUrl,
        FHIR_CLIENT_ID: auth.clientId,
        FHIR_CLIENT_SECRET: auth.clientSecret,
        FHIR_CLIENT_AUTH: auth.sendIn,
        ...(auth.scope === undefined ? {} : { FHIR_SCOPE: auth.scope }),
      };
  }
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'mediator-world-'));
  const keys = createKeyPair();
  const keyFile = join(folder, 'credential-key.pem');
  writeFileSync(keyFile, keys.privateKey, { mode: 0o600 });

  const port = await freePort();
  const core = await new OpenHimCorePeer().start();
  const router = await new OpenHimRouterPeer({
    channels: () => core.channels,
    clients: [FHIR_CLIENT],
    routeTo: { host: '127.0.0.1', port },
  }).start();
  core.objects.transactionOf = (id) => router.transactions.find((transaction) => transaction.id === id);
  const opencrvs = await new OpenCrvsPeer(options.opencrvs).start();
  const mosip = await new MosipPeer({ credentialKey: keys.publicKey, ...options.mosip }).start();
  const fhirAuth = options.fhir?.auth ?? { kind: 'basic', ...FHIR_UPSTREAM };
  const fhir = await new FhirPeer({ ...options.fhir, auth: fhirAuth }).start();
  const dataDir = join(folder, 'data');
  copyTemplate(dataDir);

  const bareEnvironment = {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: dataDir,
    DATA_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    INDEX_KEY: randomBytes(32).toString('hex'),
    INBOUND_USERNAME: INBOUND.username,
    INBOUND_PASSWORD: INBOUND.password,
    OPENHIM_API_URL: core.url,
    OPENHIM_USERNAME: core.username,
    OPENHIM_PASSWORD: core.password,
    ...opencrvs.environment(`${router.url}/opencrvs/webhooks`),
    OPENCRVS_WRITE_BACK: 'countryconfig',
  };
  const mosipEnvironment = {
    NATIONAL_ID_SYSTEM: 'mosip',
    MOSIP_BASE_URL: mosip.url,
    MOSIP_PACKET_CLIENT_ID: MOSIP_ACCOUNTS.packetClient.id,
    MOSIP_PACKET_CLIENT_SECRET: MOSIP_ACCOUNTS.packetClient.secret,
    MOSIP_WEBSUB_CLIENT_ID: MOSIP_ACCOUNTS.websubClient.id,
    MOSIP_WEBSUB_CLIENT_SECRET: MOSIP_ACCOUNTS.websubClient.secret,
    MOSIP_PARTNER_ID: MOSIP_ACCOUNTS.partnerId,
    MOSIP_WEBSUB_SECRET: HUB_SECRET,
    MOSIP_WEBSUB_CALLBACK_URL: `${router.url}/national-id/callback`,
    MOSIP_CREDENTIAL_KEY_FILE: keyFile,
  };
  return {
    core,
    router,
    opencrvs,
    mosip,
    fhir,
    port,
    dataDir,
    bareEnvironment,
    mosipEnvironment,
    environment: { ...bareEnvironment, ...mosipEnvironment },
    fhirEnvironment: {
      NATIONAL_ID_SYSTEM: 'fhir',
      FHIR_BASE_URL: fhir.baseUrl,
      FHIR_AUTH: fhirAuth.kind,
      ...fhirCredentials(fhirAuth, fhir.tokenUrl),
    },
    async stop() {
      await Promise.all([core, router, opencrvs, mosip, fhir].map((peer) => peer.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What to change in the environment for the other layout: OpenCRVS and the hub reach the mediator directly. */
export function directEnvironment({ port }: Pick<World, 'port'>): Readonly<Record<string, string>> {
  const address = `http://127.0.0.1:${port}`;
  return {
    OPENCRVS_CALLBACK_URL: `${address}/opencrvs/webhooks`,
    MOSIP_WEBSUB_CALLBACK_URL: `${address}/national-id/callback`,
  };
}

/** What an operator does once in the console: installs the mediator's channels, as soon as it has registered. */
export async function installChannels(core: OpenHimCorePeer): Promise<void> {
  await core.until(() => core.mediators.size > 0);
  const [urn = ''] = core.mediators.keys();
  const credentials = Buffer.from(`${core.username}:${core.password}`).toString('base64');
  const response = await fetch(`${core.url}/mediators/${urn}/channels`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    body: '[]',
  });
  if (response.status !== 201) throw new Error(`core refused to install the channels: HTTP ${response.status}`);
}

/** Resolves once the mediator can take events. */
export async function untilReady(port: number): Promise<void> {
  await until(
    async () => {
      const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
      return response?.status === 200;
    },
    'the mediator is ready',
    30_000,
  );
}
