import { z } from 'zod';
import { keptOfChannel, keptOfConfigDef, keptOfRoute } from './kept-members.js';
import type { MediatorConfig } from './mediator-config.js';

/** Whether core's copy holds all that ours does; core adds its own defaults, and keeps texts for numbers in places. */
function holds(copy: unknown, ours: unknown): boolean {
  if (Array.isArray(ours)) {
    return Array.isArray(copy) && copy.length === ours.length && ours.every((one, index) => holds(copy[index], one));
  }
  if (typeof ours !== 'object' || ours === null) return String(copy) === String(ours);
  const members = z.record(z.string(), z.unknown()).safeParse(copy);
  return (
    members.success &&
    // Credentials come from the environment and change without a new version.
    Object.entries(ours).every(([name, value]) => CREDENTIALS.has(name) || holds(members.data[name], value))
  );
}

const CREDENTIALS: ReadonlySet<string> = new Set(['username', 'password']);

/** What an upgrade replaces; the values of the config are the operator's. */
const partsOf = ({ name, description, endpoints, defaultChannelConfig, configDefs }: MediatorConfig) => ({
  name,
  description,
  endpoints: endpoints.map(keptOfRoute),
  defaultChannelConfig: defaultChannelConfig.map((channel) => ({
    ...keptOfChannel(channel),
    routes: channel.routes.map(keptOfRoute),
  })),
  configDefs: configDefs.map(keptOfConfigDef),
});

const REMEDY = 'give it a newer version, or delete the mediator in the console, and it registers anew.';

const Copy = z.looseObject({ version: z.string() });

/**
 * What is to be said about core's copy of our `mediator.json`: core takes a new one only with a newer version, and says
 * nothing otherwise (openhim.md 1.3). Undefined where the copy is what was sent.
 */
export function copyFault(copy: unknown, ours: MediatorConfig): string | undefined {
  const held = Copy.safeParse(copy);
  if (!held.success) return 'OpenHIM core does not tell its copy of mediator.json.';
  const { version } = held.data;
  if (version !== ours.version) {
    return `OpenHIM core holds mediator.json of version ${version} and ignores ours, which is ${ours.version}: ${REMEDY}`;
  }
  const differing = Object.entries(partsOf(ours)).filter(([part, value]) => !holds(held.data[part], value));
  if (differing.length === 0) return undefined;
  const names = differing.map(([part]) => part).join(', ');
  return `OpenHIM core holds another mediator.json of version ${version} and ignores ours (${names}): ${REMEDY}`;
}
