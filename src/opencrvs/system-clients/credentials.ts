import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import type { ClientCredentials } from './system-clients.js';

const Text = z.string().min(1);

/** 1.0 and 1.1. */
const Underscored = z.object({ client_id: Text, client_secret: Text, sha_secret: Text }).transform((body) => ({
  clientId: body.client_id,
  clientSecret: body.client_secret,
  shaSecret: body.sha_secret,
}));

/** 1.2 to 1.9. */
const Nested = z
  .object({ clientSecret: Text, system: z.object({ clientId: Text, shaSecret: Text }) })
  .transform(({ clientSecret, system }) => ({ ...system, clientSecret }));

/** 2.x. */
const Flat = z.object({ clientId: Text, clientSecret: Text, shaSecret: Text.exactOptional() });

/** Every known spelling, whatever the version (reference/opencrvs.md 1.2). */
const Credentials = z.union([Underscored, Nested, Flat]);

/**
 * The credentials in an answer.
 *
 * @throws MediatorError `peer_response_invalid`
 */
export function readCredentials(body: unknown): ClientCredentials {
  const credentials = Credentials.safeParse(body);
  if (credentials.success) return credentials.data;
  throw new MediatorError('peer_response_invalid', {
    message: 'OpenCRVS did it, but its answer holds no credentials that can be read: get new ones by refresh-secret.',
  });
}
