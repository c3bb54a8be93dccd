import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { readJson, serviceUrl } from '../../outbound/index.js';
import { type Caller, readDone } from './caller.js';
import { readCredentials } from './credentials.js';
import { notOffered, registrationBody } from './registration.js';
import type { ListedClient, SystemClients } from './system-clients.js';
import type { OpenCrvsVersion } from './version.js';

interface UserManagementOptions {
  readonly url: string;
  readonly version: OpenCrvsVersion;
}

/** 1.0 and 1.1 (reference/opencrvs.md 1.2, 1.3): a client is named by the database's id of it. */
export function createOldestSystemClients(caller: Caller, { url, version }: UserManagementOptions): SystemClients {
  const post = (path: string, body: unknown) => ({ method: 'POST' as const, url: serviceUrl(url, path), body });

  return {
    async register(client) {
      const request = post('/registerSystemClient', registrationBody(version, client));
      return readCredentials(readDone(await caller.send('register', request)));
    },
    async deactivate(id) {
      await caller.send('deactivate', post('/deactivateSystemClient', { client_id: id }));
    },
    async reactivate(id) {
      await caller.send('reactivate', post('/reactivateSystemClient', { client_id: id }));
    },
    async refreshSecret() {
      throw notOffered(version, 'refresh a secret', 'Deactivate the client and register another one.');
    },
    async remove() {
      throw notOffered(version, 'delete a client', 'It can be deactivated.');
    },
    async list() {
      throw notOffered(version, 'list the clients', 'They are in the collection `systems` of its user-mgnt database.');
    },
  };
}

/** Told without `shaSecret`, which the real answer holds as well. */
const Listing = z.array(
  z.object({
    clientId: z.string(),
    name: z.string().catch(''),
    status: z.string().catch(''),
    type: z.string().optional().catch(undefined),
  }),
);

/**
 * 1.2 to 1.9 (reference/opencrvs.md 1.2, 1.3). The list is `GET /getAllSystems`, for any valid token
 * (core@v1.2.0, v1.9.0 user-mgnt/src/config/routes.ts).
 */
export function createSystemClientsOfUserMgnt(caller: Caller, { url, version }: UserManagementOptions): SystemClients {
  const post = (path: string, body: unknown) => ({ method: 'POST' as const, url: serviceUrl(url, path), body });

  const list = async (): Promise<readonly ListedClient[]> => {
    const answer = await caller.send('list', { method: 'GET', url: serviceUrl(url, '/getAllSystems') });
    const listing = Listing.safeParse(readJson(answer));
    if (!listing.success) {
      throw new MediatorError('peer_response_invalid', { message: 'The list of clients cannot be understood.' });
    }
    return listing.data.map(({ type, ...client }) => ({ ...client, rights: type === undefined ? [] : [type] }));
  };

  /** A second NATIONAL_ID client is refused without a word: the list shows whether it was that. */
  const explained = async (thrown: unknown, type: string | undefined): Promise<unknown> => {
    const isRefusal = thrown instanceof MediatorError && thrown.code === 'request_invalid';
    if (!isRefusal || type !== 'NATIONAL_ID') return thrown;
    const clients = await list().catch(() => []);
    const taken = clients.find(({ rights }) => rights.includes('NATIONAL_ID'));
    if (taken === undefined) return thrown;
    return new MediatorError('request_invalid', {
      message: [
        `OpenCRVS ${version.text} can have one NATIONAL_ID client only, and it has one: ${taken.clientId}`,
        `(${taken.status}). Take it over with a new secret (refresh-secret), or delete it first.`,
      ].join(' '),
    });
  };

  return {
    list,
    async register(client) {
      const request = post('/registerSystem', registrationBody(version, client));
      const response = await caller.send('register', request).catch(async (thrown: unknown) => {
        throw await explained(thrown, client.type);
      });
      return readCredentials(readDone(response));
    },
    async deactivate(id) {
      await caller.send('deactivate', post('/deactivateSystem', { clientId: id }));
    },
    async reactivate(id) {
      await caller.send('reactivate', post('/reactivateSystem', { clientId: id }));
    },
    async refreshSecret(id) {
      const response = await caller.send('refreshSecret', post('/refreshSystemSecret', { clientId: id }));
      return readCredentials(readDone(response));
    },
    async remove(id) {
      await caller.send('remove', post('/deleteSystem', { clientId: id }));
    },
  };
}
