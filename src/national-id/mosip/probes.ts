import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import type { MosipIdentityRepositorySettings, MosipSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Probe, ProbeDeps } from '../probe.js';
import { createMosipTokens } from './auth-manager.js';
import { createCallback } from './callback.js';
import { readCredentialKeys } from './credential-keys.js';
import { sealHybrid } from './hybrid-cipher.js';
import { createIdentityRepository } from './identity-repository.js';
import { createServiceCaller } from './service-client.js';

const TRIAL = 'trial';

/** Opens credentials that we have sealed for our own keys, as MOSIP would. */
async function openOwnCredentials({ credentialKey, websubSecret }: MosipSettings): Promise<string> {
  const content = JSON.stringify({ credentialSubject: { id: `https://mosip.example/credentials/${TRIAL}` } });
  const callback = createCallback({}, { secret: websubSecret, credentialKey });
  const keys = readCredentialKeys(credentialKey);
  for (const { privateKey } of keys) {
    const credential = sealHybrid(Buffer.from(content), createPublicKey(privateKey)).toString('base64url');
    await callback.read(Buffer.from(JSON.stringify({ event: { data: { credential } } })));
  }
  const count = keys.length === 1 ? 'It opens' : `All ${keys.length} keys open`;
  return `${count} a credential that was sealed for it. Whether MOSIP seals for it is seen at the first credential.`;
}

const Schema = z.object({
  properties: z.object({ identity: z.object({ properties: z.record(z.string(), z.unknown()) }) }),
});

/** MOSIP drops what the schema does not name, without a word: the number by which a correction finds its person, too. */
function checkSchema({ schemaJson }: MosipSettings): string {
  const schema = Schema.safeParse(JSON.parse(schemaJson));
  if (!schema.success) {
    throw new MediatorError('settings_invalid', { message: 'The file is no identity schema of MOSIP.' });
  }
  const names = Object.keys(schema.data.properties.identity.properties);
  if (!names.includes('VID')) {
    throw new MediatorError('settings_invalid', { message: 'The schema does not name VID: corrections find nobody.' });
  }
  return `It names ${names.length} attributes, VID among them.`;
}

/** A number that no event gets: it would need another centre. */
const NOBODY = '0'.repeat(29);

/** Asks the identity repository for nobody: that it says so shows that our client may ask. */
function repositoryProbe(deps: ProbeDeps, settings: MosipSettings, own: MosipIdentityRepositorySettings): Probe {
  return {
    about: 'identity repository',
    next: 'Check MOSIP_ID_REPOSITORY_URL, and that the packet client has the roles to read and to update identities.',
    async run(signal) {
      const { authUrl: url, appId, packetClient: client } = settings;
      const tokens = createMosipTokens(deps, { url, appId, client });
      try {
        const call = createServiceCaller({ ...deps, tokens, check: { report: () => undefined } });
        await createIdentityRepository({ call }, own, settings).read({ id: NOBODY, idType: 'ID' }, signal);
      } finally {
        tokens.stop();
      }
      return 'It answers our client. Whether that may change identities too is seen with the first change only.';
    },
  };
}

/** What can be tried of MOSIP: both clients, our keys, the schema, the identity repository where it is configured. */
export function mosipProbes(deps: ProbeDeps, settings: MosipSettings): readonly Probe[] {
  const { authUrl: url, appId, packetClient, websubClient, identityRepository } = settings;

  const token = (about: string, client: MosipSettings['packetClient'], names: string): Probe => ({
    about,
    next: `Check ${names}, MOSIP_APP_ID, and the client in MOSIP's Keycloak.`,
    async run() {
      const tokens = createMosipTokens(deps, { url, appId, client });
      try {
        await tokens.get();
      } finally {
        tokens.stop();
      }
      return 'The auth manager gives a token.';
    },
  });

  return [
    token('packet client', packetClient, 'MOSIP_PACKET_CLIENT_ID and MOSIP_PACKET_CLIENT_SECRET'),
    token('websub client', websubClient, 'MOSIP_WEBSUB_CLIENT_ID and MOSIP_WEBSUB_CLIENT_SECRET'),
    {
      about: 'credential key',
      next: 'Give the RSA private key, as PEM or PKCS#12, whose certificate was uploaded for our partner in MOSIP.',
      run: () => openOwnCredentials(settings),
    },
    {
      about: 'schema',
      next: 'Give the identity schema that MOSIP has, in the version of MOSIP_SCHEMA_VERSION.',
      run: async () => checkSchema(settings),
    },
    ...(identityRepository === undefined ? [] : [repositoryProbe(deps, settings, identityRepository)]),
  ];
}
