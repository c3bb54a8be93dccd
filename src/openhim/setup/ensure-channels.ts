import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { unexpectedAnswer } from '../core-api.js';
import { keptOfChannel, keptOfRoute } from '../kept-members.js';
import type { MediatorConfig } from '../mediator-config.js';
import type { Change, CredentialsCheck, SetUpDeps, SetUpOptions } from './setup-types.js';

type Channel = MediatorConfig['defaultChannelConfig'][number];
type Route = Channel['routes'][number];

const StoredRoute = z.looseObject({
  name: z.string(),
  primary: z.boolean().optional(),
  username: z.string().nullish(),
  password: z.string().nullish(),
});
const StoredChannels = z.array(
  z.looseObject({
    _id: z.string(),
    name: z.string(),
    allow: z.array(z.string()).default([]),
    routes: z.array(StoredRoute).default([]),
  }),
);
type StoredRoute = z.infer<typeof StoredRoute>;
type StoredChannel = z.infer<typeof StoredChannels>[number];

/** The members of an object that differ from what is wanted; what is not wanted may be anything. */
function differences(wanted: Readonly<Record<string, unknown>>, stored: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(wanted).filter((name) => !isDeepStrictEqual(wanted[name], stored[name]));
}

const hasOtherCredentials = (wanted: Route, stored: StoredRoute): boolean =>
  wanted.password !== undefined &&
  typeof stored.password === 'string' &&
  differences({ username: wanted.username, password: wanted.password }, stored).length > 0;

interface Repair {
  readonly faults: readonly string[];
  readonly update: Readonly<Record<string, unknown>>;
  readonly keepsCredentials: boolean;
}

/** What it takes to make a stored channel ours again: further clients, further routes and unknown members stay. */
async function repairOf(wanted: Channel, stored: StoredChannel, check: CredentialsCheck): Promise<Repair> {
  const { routes, ...members } = wanted;
  const allow = [...new Set([...stored.allow, ...z.array(z.string()).catch([]).parse(wanted['allow'])])];
  const routeFaults: string[] = [];
  let keepsCredentials = false;
  const ours: StoredRoute[] = [];
  for (const route of routes) {
    const known = stored.routes.find(({ name }) => name === route.name);
    const { username: _name, password: _word, ...others } = route;
    const keeps = known !== undefined && hasOtherCredentials(route, known) && (await check()) === 'keep';
    keepsCredentials ||= keeps;
    const mine = keeps ? others : route;
    if (known === undefined) routeFaults.push('route');
    else routeFaults.push(...differences(keptOfRoute(mine), known).map((name) => `route ${name}`));
    ours.push({ ...known, ...mine });
  }
  const names = new Set(routes.map(({ name }) => name));
  const rivals = stored.routes.filter(({ name, primary }) => !names.has(name) && primary === true);
  const others = stored.routes.filter(({ name, primary }) => !names.has(name) && primary !== true);
  return {
    faults: [
      ...differences(keptOfChannel({ ...members, allow }), stored),
      ...routeFaults,
      ...(rivals.length === 0 ? [] : ['another primary route']),
    ],
    update: { ...members, allow, routes: [...ours, ...others] },
    keepsCredentials,
  };
}

/** Makes the shipped channels what they are to be, and gives core's ids of them as far as they are there. */
export async function ensureChannels(
  { core, inboundCheck }: Pick<SetUpDeps, 'core' | 'inboundCheck'>,
  { dryRun }: Pick<SetUpOptions, 'dryRun'>,
  wanted: readonly Channel[],
): Promise<{ readonly changes: readonly Change[]; readonly ids: ReadonlyMap<string, string> }> {
  const list = async (): Promise<readonly StoredChannel[]> => {
    const answer = await core({ operation: 'list-channels', method: 'GET', path: '/channels' });
    const channels = StoredChannels.safeParse(answer.body);
    if (!channels.success) throw unexpectedAnswer('the list of channels', answer);
    return channels.data;
  };

  const save = async (call: { readonly method: 'POST' | 'PUT'; readonly path: string }, body: unknown) => {
    const answer = await core({ operation: 'save-channel', ...call, body });
    if (answer.status >= 300) throw unexpectedAnswer('a channel', answer);
  };

  const ensure = async (channel: Channel, stored: StoredChannel | undefined): Promise<Change> => {
    const object = `channel ${channel.name}`;
    if (stored === undefined) {
      if (!dryRun) await save({ method: 'POST', path: '/channels' }, channel);
      return { object, result: 'created' };
    }
    const { faults, update, keepsCredentials } = await repairOf(channel, stored, inboundCheck);
    if (faults.length > 0 && !dryRun) await save({ method: 'PUT', path: `/channels/${stored._id}` }, update);
    if (keepsCredentials)
      return { object, result: 'waits', why: 'keeps its credentials until the mediator takes the new' };
    return faults.length === 0
      ? { object, result: 'unchanged' }
      : { object, result: 'repaired', why: faults.join(', ') };
  };

  const before = await list();
  const changes: Change[] = [];
  for (const channel of wanted) {
    changes.push(
      await ensure(
        channel,
        before.find(({ name }) => name === channel.name),
      ),
    );
  }
  const hasNew = changes.some(({ result }) => result === 'created') && !dryRun;
  const after = hasNew ? await list() : before;
  return { changes, ids: new Map(after.map(({ name, _id }) => [name, _id])) };
}
