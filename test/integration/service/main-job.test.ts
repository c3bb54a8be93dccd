import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadSettings } from '../../../src/config/index.js';
import { createService, type Service } from '../../../src/service.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { fixture } from '../../support/fixtures.js';
import { installChannels, startWorld, untilReady, type World } from '../../support/world.js';
import { QUICK_RETRY } from '../../support/pipeline-harness.js';

let world: World;
let service: Service;
const { log, lines } = createMemoryLog('debug');

beforeAll(async () => {
  world = await startWorld();
  service = createService(loadSettings(world.environment), { log, retry: QUICK_RETRY });
  await service.start();
  await untilReady(world.port);
  await installChannels(world.core);
  await world.opencrvs.webhooks.until(() => world.opencrvs.webhooks.subscriptions.length === 2, 15_000);
}, 60_000);

afterAll(async () => {
  await service.stop();
  await world.stop();
});

test('a registered birth becomes a national identity, and comes back', async () => {
  const [report] = await world.opencrvs.deliver(fixture('opencrvs/birth-registered.webhook.json'));
  expect(report).toMatchObject({ attempts: 1, status: 200 });
  const { countryConfig } = world.opencrvs;
  await countryConfig.until(() => countryConfig.writes.length > 0).catch((e) => { console.log(lines.join('\n'), world.router.transactions.map(t => [t.request.path, t.status, t.faults, t.response?.body]), countryConfig.received.map(r=>r.body.toString())); throw e });
  const [issued] = [...world.mosip.issued];
  expect(countryConfig.writes).toEqual([{ BRN: '2024BQX7T4N', MOSIP_PSUT_TOKEN_ID: issued?.[1].vid, MOSIP_AID: issued?.[0] }]);
  console.log(lines.join('\n'), world.router.transactions.map(t => [t.request.path, t.status, t.faults, t.response?.body]));
});
