import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { serviceUrl } from '../../outbound/index.js';
import { trpcRequest, trpcResult } from '../trpc.js';
import { type Caller, readDone } from './caller.js';
import { readCredentials } from './credentials.js';
import { registrationBody } from './registration.js';
import type { ClientCall, SystemClients } from './system-clients.js';
import type { OpenCrvsVersion } from './version.js';

const Listing = z.array(
  z.object({ id: z.string(), name: z.string(), status: z.string(), scopes: z.array(z.string()).catch([]) }),
);

/**
 * The integration clients of 2.x, at the events service or through the gateway's `/events` (reference/opencrvs.md 1.2,
 * 1.3; core@v2.0.0 events/src/router/integrations/index.ts). Registering has a plain REST form; the rest is tRPC.
 */
export function createIntegrations(
  caller: Caller,
  { url, version }: { readonly url: string; readonly version: OpenCrvsVersion },
): SystemClients {
  // Without the last slash that an address may be given with.
  const base = url.replace(/\/$/, '');
  const ask = async (call: ClientCall, procedure: string, input?: unknown): Promise<unknown> =>
    trpcResult(readDone(await caller.send(call, trpcRequest(base, `integrations.${procedure}`, input))))?.data;

  return {
    async register(client) {
      const request = {
        method: 'POST' as const,
        url: serviceUrl(url, '/integrations'),
        body: registrationBody(version, client),
      };
      return readCredentials(readDone(await caller.send('register', request)));
    },
    async deactivate(id) {
      await ask('deactivate', 'deactivate', { id });
    },
    async reactivate(id) {
      await ask('reactivate', 'activate', { id });
    },
    async refreshSecret(id) {
      return readCredentials(await ask('refreshSecret', 'refreshSecret', { id }));
    },
    async remove(id) {
      await ask('remove', 'delete', { id });
    },
    async list() {
      const listing = Listing.safeParse(await ask('list', 'list'));
      if (!listing.success) {
        throw new MediatorError('peer_response_invalid', { message: 'The list of clients cannot be understood.' });
      }
      return listing.data.map(({ id, name, status, scopes }) => ({ clientId: id, name, status, rights: scopes }));
    },
  };
}
