import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type CoreApi, unexpectedAnswer } from '../core-api.js';
import type { Change, SetUpDeps, SetUpOptions } from './setup-types.js';

/** The group that may do everything; in core 8.5.0 the only one that may do anything. */
export const ADMIN_GROUP = 'admin';

const NAME = 'national-id-mediator';

const Roles = z.array(z.looseObject({ name: z.string(), permissions: z.record(z.string(), z.unknown()).optional() }));

/** Core fills in every other permission with false, or an empty list. */
const granted = (permissions: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(permissions).filter(([, value]) => value === true || (Array.isArray(value) && value.length > 0)),
  );

/** Its name is no role's there, so any role of the list tells what kind of roles they are. */
async function listRoles(core: CoreApi): Promise<z.infer<typeof Roles>> {
  const answer = await core({ operation: 'list-roles', method: 'GET', path: '/roles' });
  const roles = Roles.safeParse(answer.body);
  if (!roles.success) throw unexpectedAnswer('the list of roles', answer);
  return roles.data;
}

/**
 * Whether users of this core have roles with permissions, as openhim.md 1.1 describes them. They are not in core 8.5.0,
 * whose roles are words that clients and channels share; later ones always have the role admin.
 */
export async function hasRoles(core: CoreApi): Promise<boolean> {
  return (await listRoles(core)).some(({ permissions }) => permissions !== undefined);
}

/**
 * A role with what the mediator needs and nothing else: `mediator-manage-all` to register (there is no form of it for one
 * mediator, openhim.md 1.1) and, for its reports, the channels whose transactions it ends.
 */
export async function ensureRole(
  { core }: Pick<SetUpDeps, 'core'>,
  { dryRun }: Pick<SetUpOptions, 'dryRun'>,
  reportedChannels: readonly string[],
): Promise<{ readonly name: string; readonly change: Change }> {
  const object = `role ${NAME}`;
  const permissions = {
    'mediator-manage-all': true,
    ...(reportedChannels.length === 0 ? {} : { 'channel-manage-specified': [...reportedChannels] }),
  };
  const stored = (await listRoles(core)).find(({ name }) => name === NAME);
  const isFine = stored !== undefined && isDeepStrictEqual(granted(stored.permissions ?? {}), permissions);
  if (isFine) return { name: NAME, change: { object, result: 'unchanged' } };
  if (!dryRun) {
    const target =
      stored === undefined
        ? ({ method: 'POST', path: '/roles' } as const)
        : ({ method: 'PUT', path: `/roles/${NAME}` } as const);
    const answer = await core({ operation: 'save-role', ...target, body: { name: NAME, permissions } });
    if (answer.status >= 300) throw unexpectedAnswer('a role', answer);
  }
  const change: Change =
    stored === undefined ? { object, result: 'created' } : { object, result: 'repaired', why: 'permissions' };
  return { name: NAME, change };
}
