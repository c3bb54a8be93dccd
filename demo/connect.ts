import { installChannels } from '../test/support/world.js';
import type { Stage } from './stage.js';

async function registerWithOpenHim({ world, mediator, environment, see, saw }: Stage): Promise<void> {
  const { core } = world;
  await mediator.start(environment);
  const { doc } = await see(core, 'the mediator has registered and beats', () =>
    [...core.mediators.values()].find(({ lastHeartbeat }) => lastHeartbeat !== undefined),
  );
  saw(`OpenHIM core lists ${doc.urn}, version ${doc.version}, and has its heartbeat.`);
  await installChannels(core);
  saw(`An operator installs its ${core.channels.length} channels, once:`);
  for (const { authType, name } of core.channels) saw(`  ${name} (${authType})`);
}

/** Act one: the mediator finds its neighbours. */
export async function connect(stage: Stage): Promise<void> {
  await stage.step('The mediator starts and registers with OpenHIM', () => registerWithOpenHim(stage));
  await stage.opencrvs.connect(stage);
  await stage.nationalId.connect(stage);
}
