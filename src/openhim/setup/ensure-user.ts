import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type CoreAnswer, unexpectedAnswer } from '../core-api.js';
import type { Change, SetUpDeps, SetUpOptions } from './setup-types.js';

/** Under which name the password of the mediator's user is kept: that of its setting. */
export const USER_PASSWORD = 'OPENHIM_PASSWORD';

const NAMES = { firstname: 'National ID', surname: 'Mediator' } as const;

const StoredUser = z.looseObject({ email: z.string(), groups: z.array(z.string()).default([]) });

/**
 * The user under which the mediator registers. Core takes no password when a user is made: it stores the one it is sent
 * unhashed, where no login finds it. An update of the user sets it, and unlocks them (`src/api/users.js` of core).
 */
export async function ensureUser(
  { core, coreAs, passwords }: Pick<SetUpDeps, 'core' | 'coreAs' | 'passwords'>,
  { dryRun, resetsPasswords }: Pick<SetUpOptions, 'dryRun' | 'resetsPasswords'>,
  { email, group }: { readonly email: string; readonly group: string },
): Promise<Change> {
  const object = `user ${email}`;
  const groups = [group];
  const path = `/users/${encodeURIComponent(email)}`;

  const expectSuccess = (answer: CoreAnswer): void => {
    if (answer.status >= 300) throw unexpectedAnswer('a user', answer);
  };
  const save = async (change: object): Promise<void> => {
    const body = { ...NAMES, email, groups, ...change };
    expectSuccess(await core({ operation: 'save-user', method: 'PUT', path, body }));
  };

  /** Anybody may read themselves; whoever is not let in has another password. */
  const isAccepted = async (password: string): Promise<boolean> => {
    const asUser = coreAs(email, password);
    const { status } = await asUser({ operation: 'check-user', method: 'GET', path, judges: [401, 403] });
    return status !== 401;
  };

  const found = await core({ operation: 'find-user', method: 'GET', path });
  if (found.status === 404) {
    if (dryRun) return { object, result: 'created' };
    const password = passwords.known(USER_PASSWORD) ?? passwords.renew(USER_PASSWORD);
    const body = { ...NAMES, email, groups };
    expectSuccess(await core({ operation: 'add-user', method: 'POST', path: '/users', body }));
    await save({ password });
    return { object, result: 'created' };
  }
  const user = StoredUser.safeParse(found.body);
  if (!user.success) throw unexpectedAnswer('the search for a user', found);

  const known = passwords.known(USER_PASSWORD);
  const isWrong = known === undefined ? resetsPasswords : !(await isAccepted(known));
  const faults = [...(isDeepStrictEqual(user.data.groups, groups) ? [] : ['groups']), ...(isWrong ? ['password'] : [])];
  if (faults.length > 0 && !dryRun) {
    await save(isWrong ? { password: known ?? passwords.renew(USER_PASSWORD) } : {});
  }
  if (faults.length > 0) return { object, result: 'repaired', why: faults.join(', ') };
  return known === undefined ? { object, result: 'not-known' } : { object, result: 'unchanged' };
}
