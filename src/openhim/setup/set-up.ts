import { ensureChannels } from './ensure-channels.js';
import { ensureClient } from './ensure-client.js';
import { ADMIN_GROUP, ensureRole, hasRoles } from './ensure-role.js';
import { ensureUser } from './ensure-user.js';
import type { Change, SetUpDeps, SetUpOptions } from './setup-types.js';

/** Channels whose requests become events: the transactions whose outcome is told later. */
const EVENT_PATHS = ['/opencrvs/webhooks', '/opencrvs/registrations'];

/**
 * Brings OpenHIM core to where the mediator needs it: channels, role, user, clients. What is as wanted is left alone,
 * what a country added to it too; what has drifted is repaired. Safe to run at any time, and again.
 *
 * @throws MediatorError of the first call that fails; what was done until then stays, and the next run goes on from it
 */
export async function setUpOpenHim(deps: SetUpDeps, options: SetUpOptions): Promise<readonly Change[]> {
  const { mediator, mediatorUser, reportsOutcomes } = options;
  const channels = await ensureChannels(deps, options, mediator.defaultChannelConfig);
  const reported = mediator.defaultChannelConfig
    .filter(({ urlPattern }) => EVENT_PATHS.some((path) => new RegExp(urlPattern).test(path)))
    .flatMap(({ name }) => channels.ids.get(name) ?? []);
  const isWithRoles = await hasRoles(deps.core);
  const role = isWithRoles ? await ensureRole(deps, options, reportsOutcomes ? reported : []) : undefined;
  const user = await ensureUser(deps, options, { email: mediatorUser, group: role?.name ?? ADMIN_GROUP });
  const clients: Change[] = [];
  for (const client of options.clients) clients.push(await ensureClient(deps, options, client));
  const roleChange: Change = role?.change ?? {
    object: 'role',
    result: 'unchanged',
    why: `this core has no roles with permissions: the user is in the group ${ADMIN_GROUP}, and may do everything`,
  };
  return [...channels.changes, roleChange, user, ...clients];
}
