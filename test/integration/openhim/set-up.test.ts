import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { run } from '../../fakes/memory-terminal.js';
import { OpenHimRouterPeer } from '../../peers/openhim-router-peer.js';
import { type RunningService, startService } from '../../support/running-service.js';
import { startWorld, untilReady, type World } from '../../support/world.js';

/** What `openhim setup` made, used by the service and by a caller: all of it has to fit together. */
let world: World;
let router: OpenHimRouterPeer;
let running: RunningService;
let folder: string;

const kept = (name: string): string => readFileSync(join(folder, name), 'utf8');

beforeAll(async () => {
  world = await startWorld();
  folder = mkdtempSync(join(tmpdir(), 'openhim-set-up-'));
  const { code, out } = await run(
    [
      'openhim',
      'setup',
      ...['--core-url', world.core.url, '--username', world.core.username, '--out', folder],
      ...['--mediator-url', `http://127.0.0.1:${world.port}`, '--client', 'hospital:fhir'],
    ],
    { input: world.core.password },
  );
  expect(code).toBe(0);
  // As an operator would paste them into the deployment.
  const settings = out.split('\n\n')[1]?.trimEnd().split('\n') ?? [];
  const environment = Object.fromEntries(settings.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  const unset = { OPENHIM_PASSWORD: '', INBOUND_PASSWORD: '' };
  running = await startService(world, { ...world.fhirEnvironment, ...unset, ...environment });
  router = await new OpenHimRouterPeer({
    channels: () => world.core.channels,
    clients: [{ id: 'hospital', password: kept('OPENHIM_CLIENT_hospital'), roles: ['fhir'] }],
  }).start();
  await untilReady(world.port);
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await Promise.all([router.stop(), world.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

test('the mediator registers as the user that was made for it', async () => {
  await running.checked('openhim', 'ok');
  const [registration] = world.core.requestsTo('/mediators');
  const expected = Buffer.from(`national-id-mediator@openhim.local:${kept('OPENHIM_PASSWORD')}`).toString('base64');
  expect(registration?.headers['authorization']).toBe(`Basic ${expected}`);
});

test('a caller reaches the FHIR interface by the channel, with the password of its client', async () => {
  const ask = async (password: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`hospital:${password}`).toString('base64')}`;
    return (await fetch(`${router.url}/fhir/metadata`, { headers: { authorization } })).status;
  };
  expect(await ask(kept('OPENHIM_CLIENT_hospital'))).toBe(200);
  expect(await ask('another')).toBe(401);
  expect(world.core.objects.isClient('hospital', kept('OPENHIM_CLIENT_hospital'))).toBe(true);
});

test('the endpoint that the mediator registers leads to it', () => {
  const [mediator] = world.core.mediators.values();
  expect(mediator?.doc.endpoints).toMatchObject([{ host: '127.0.0.1', port: world.port, secured: false }]);
});
