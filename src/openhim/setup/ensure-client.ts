import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { unexpectedAnswer } from '../core-api.js';
import type { Change, ClientWanted, SetUpDeps, SetUpOptions } from './setup-types.js';

/** Under which name the password of a client is kept. */
export const clientPassword = (clientId: string): string => `OPENHIM_CLIENT_${clientId}`;

const StoredClients = z.array(
  z.looseObject({
    _id: z.string(),
    clientID: z.string(),
    roles: z.array(z.string()).default([]),
    passwordAlgorithm: z.string().nullish(),
    passwordHash: z.string().nullish(),
    passwordSalt: z.string().nullish(),
  }),
);
type StoredClient = z.infer<typeof StoredClients>[number];

const sha512 = (password: string, salt: string): string =>
  createHash('sha512')
    .update(password + salt)
    .digest('hex');

/** The API of core does not hash (openhim.md 7.4). */
function hashed(password: string): Record<string, string> {
  const salt = randomBytes(16).toString('hex');
  return { passwordAlgorithm: 'sha512', passwordHash: sha512(password, salt), passwordSalt: salt };
}

const holds = ({ passwordAlgorithm, passwordHash, passwordSalt }: StoredClient, password: string): boolean =>
  passwordAlgorithm === 'sha512' && passwordHash === sha512(password, passwordSalt ?? '');

/** A client of the private channels, with a password for basic authentication. Further roles of it stay. */
export async function ensureClient(
  { core, passwords }: Pick<SetUpDeps, 'core' | 'passwords'>,
  { dryRun, resetsPasswords }: Pick<SetUpOptions, 'dryRun' | 'resetsPasswords'>,
  { id, roles }: ClientWanted,
): Promise<Change> {
  const object = `client ${id}`;
  const kept = clientPassword(id);

  const save = async (
    call: { readonly method: 'POST' | 'PUT'; readonly path: string },
    body: object,
  ): Promise<void> => {
    const answer = await core({ operation: 'save-client', ...call, body });
    if (answer.status >= 300) throw unexpectedAnswer('a client', answer);
  };

  const listed = await core({ operation: 'list-clients', method: 'GET', path: '/clients' });
  const clients = StoredClients.safeParse(listed.body);
  if (!clients.success) throw unexpectedAnswer('the list of clients', listed);
  const stored = clients.data.find(({ clientID }) => clientID === id);
  if (stored === undefined) {
    if (!dryRun) {
      const password = passwords.known(kept) ?? passwords.renew(kept);
      await save({ method: 'POST', path: '/clients' }, { clientID: id, name: id, roles, ...hashed(password) });
    }
    return { object, result: 'created' };
  }

  const known = passwords.known(kept);
  const hasNone = stored.passwordHash === undefined || stored.passwordHash === null;
  const isWrong = known === undefined ? resetsPasswords || hasNone : !holds(stored, known);
  const all = [...new Set([...stored.roles, ...roles])];
  const faults = [...(all.length === stored.roles.length ? [] : ['roles']), ...(isWrong ? ['password'] : [])];
  if (faults.length > 0 && !dryRun) {
    const password = isWrong ? hashed(known ?? passwords.renew(kept)) : {};
    await save({ method: 'PUT', path: `/clients/${stored._id}` }, { roles: all, ...password });
  }
  if (faults.length > 0) return { object, result: 'repaired', why: faults.join(', ') };
  return known === undefined ? { object, result: 'not-known' } : { object, result: 'unchanged' };
}
