import superjson, { type SuperJSONResult } from 'superjson';
import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { serviceUrl } from '../../outbound/index.js';
import { type Caller, readDone } from './caller.js';
import { readCredentials } from './credentials.js';
import { registrationBody } from './registration.js';
import type { ClientCall, SystemClients } from './system-clients.js';
import type { OpenCrvsVersion } from './version.js';

/** What tRPC wraps an answer into; the data is superjson. */
const Envelope = z.object({
  result: z.object({
    data: z.custom<SuperJSONResult>((data) => typeof data === 'object' && data !== null && 'json' in data),
  }),
});

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
  const ask = async (call: ClientCall, procedure: string, input?: unknown): Promise<unknown> => {
    const response = await caller.send(call, {
      url: serviceUrl(url, `/integrations.${procedure}`),
      ...(input === undefined ? { method: 'GET' } : { method: 'POST', body: superjson.serialize(input) }),
    });
    const envelope = Envelope.safeParse(readDone(response));
    return envelope.success ? superjson.deserialize(envelope.data.result.data) : undefined;
  };

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
