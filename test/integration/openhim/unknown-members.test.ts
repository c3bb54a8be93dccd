import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createCoreApi, inspectChannels, loadMediatorConfig, setUpOpenHim } from '../../../src/openhim/index.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { OpenHimCorePeer } from '../../peers/openhim-core-peer.js';

test('members of a channel that core does not keep are sent, and are no drift afterwards', async () => {
  const shipped = loadMediatorConfig(join(import.meta.dirname, '../../../mediator.json'));
  const note = { 'x-note': 'of a later core' };
  const mediator = {
    ...shipped,
    defaultChannelConfig: shipped.defaultChannelConfig.map((channel) => ({
      ...channel,
      ...note,
      routes: channel.routes.map((route) => ({ ...route, ...note })),
    })),
  };
  const peer = await new OpenHimCorePeer().start();
  const outbound = createOutboundClient({ clock: systemClock, metrics: createMetrics() });
  const coreAs = (username: string, password: string) =>
    createCoreApi({ outbound }, { apiUrl: peer.url, username, password });
  const core = coreAs(peer.username, peer.password);
  try {
    const passwords = { known: () => 'kept', renew: () => 'made' };
    await setUpOpenHim(
      { core, coreAs, passwords, inboundCheck: async () => 'replace' },
      {
        mediator,
        mediatorUser: 'mediator@example.org',
        clients: [],
        reportsOutcomes: false,
        resetsPasswords: false,
        dryRun: false,
      },
    );
    expect(peer.requestsTo('/channels')[1]?.body.toString()).toContain('x-note');
    const changes = await inspectChannels(core, mediator);
    expect(changes.map(({ result }) => result)).toEqual(shipped.defaultChannelConfig.map(() => 'unchanged'));
  } finally {
    await outbound.close();
    await peer.stop();
  }
});
