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

async function subscribeAtOpenCrvs({ world, see, saw }: Stage): Promise<void> {
  const { auth, webhooks } = world.opencrvs;
  const subscriptions = await see(webhooks, 'the mediator has subscribed to births and deaths', () =>
    webhooks.subscriptions.length === 2 ? webhooks.subscriptions : undefined,
  );
  saw(`Tokens from OpenCRVS: ${auth.tokenRequests}. One serves all calls until shortly before its end.`);
  saw(`Subscribed to ${subscriptions.map(({ topic }) => topic).join(' and ')}.`);
  saw('OpenCRVS has asked back, through OpenHIM, whether the subscription was meant.');
}

async function subscribeAtMosip({ world, see, saw }: Stage): Promise<void> {
  const { mosip } = world;
  await see(mosip, "MOSIP's hub has the subscription", () => (mosip.hub.subscribers === 1 ? true : undefined));
  saw("Subscribed at MOSIP's hub, which has asked back too. It is asked again every few minutes: the hub may forget.");
}

/** Act one: the mediator finds its neighbours. */
export async function connect(stage: Stage): Promise<void> {
  await stage.step('The mediator starts and registers with OpenHIM', () => registerWithOpenHim(stage));
  await stage.step('It gets a token from OpenCRVS and subscribes', () => subscribeAtOpenCrvs(stage));
  await stage.step("It subscribes to MOSIP's answers", () => subscribeAtMosip(stage));
}
