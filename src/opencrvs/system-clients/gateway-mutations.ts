import { z } from 'zod';
import { serviceUrl } from '../../outbound/index.js';
import { type Caller, readDone } from './caller.js';
import { readCredentials } from './credentials.js';
import { notOffered, registrationBody } from './registration.js';
import type { ClientCall, SystemClients } from './system-clients.js';
import type { OpenCrvsVersion } from './version.js';

const CREDENTIALS = '{ clientSecret system { clientId shaSecret } }';

/** The gateway's mutations from 1.2 to 1.9 (core@v1.2.0, v1.9.0 gateway/src/graphql/schema.graphql). */
const MUTATIONS = {
  registerSystem: `mutation register($system: SystemInput) { registerSystem(system: $system) ${CREDENTIALS} }`,
  deactivateSystem: 'mutation deactivate($clientId: ID!) { deactivateSystem(clientId: $clientId) { status } }',
  reactivateSystem: 'mutation reactivate($clientId: ID!) { reactivateSystem(clientId: $clientId) { status } }',
  refreshSystemSecret: `mutation refresh($clientId: String!) { refreshSystemSecret(clientId: $clientId) ${CREDENTIALS} }`,
  deleteSystem: 'mutation remove($clientId: ID!) { deleteSystem(clientId: $clientId) { status } }',
} as const;

type Mutation = keyof typeof MUTATIONS;

const Answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.unknown()).optional(),
});

/** The clients of 1.2 to 1.9 through the gateway, which is published where user-mgnt is not. */
export function createGatewaySystemClients(
  caller: Caller,
  { url, version }: { readonly url: string; readonly version: OpenCrvsVersion },
): SystemClients {
  /** GraphQL answers 200 with `errors`; the gateway hides what user-mgnt said behind words of its own. */
  const mutate = async (call: ClientCall, mutation: Mutation, variables: unknown): Promise<unknown> => {
    const response = await caller.send(call, {
      method: 'POST',
      url: serviceUrl(url, '/graphql'),
      body: { query: MUTATIONS[mutation], variables },
    });
    const answer = Answer.safeParse(readDone(response)).data;
    const result = answer?.data?.[mutation];
    const failed = (answer?.errors?.length ?? 0) > 0 || result === undefined || result === null;
    if (failed) throw await caller.refusal(call, response);
    return result;
  };

  return {
    async register(client) {
      const system = registrationBody(version, client);
      return readCredentials(await mutate('register', 'registerSystem', { system }));
    },
    async deactivate(id) {
      await mutate('deactivate', 'deactivateSystem', { clientId: id });
    },
    async reactivate(id) {
      await mutate('reactivate', 'reactivateSystem', { clientId: id });
    },
    async refreshSecret(id) {
      return readCredentials(await mutate('refreshSecret', 'refreshSystemSecret', { clientId: id }));
    },
    async remove(id) {
      await mutate('remove', 'deleteSystem', { clientId: id });
    },
    async list() {
      throw notOffered(version, 'list the clients through the gateway', 'Ask user-mgnt itself: --user-mgnt URL.');
    },
  };
}
