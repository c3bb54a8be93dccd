import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MosipIdentityRepositorySettings, MosipSettings } from '../../src/config/index.js';
import { MOSIP_ACCOUNTS } from './mosip-peer.js';

const SCHEMA_FILE = join(import.meta.dirname, '..', '..', 'config', 'mosip', 'id-schema.json');

/** Secret of our subscription in tests. */
export const HUB_SECRET = 'hub-secret-of-the-tests';

/** Settings for a MosipPeer at `baseUrl`; `credentialKey` is the private key that belongs to the peer's. */
export function mosipSettings(
  baseUrl: string,
  own: { readonly callbackUrl: string; readonly credentialKey: string },
  changes: Partial<MosipSettings> = {},
): MosipSettings {
  return {
    authUrl: `${baseUrl}/v1/authmanager/authenticate/clientidsecretkey`,
    packetManagerUrl: `${baseUrl}/commons/v1/packetmanager/createPacket`,
    workflowUrl: `${baseUrl}/registrationprocessor/v1/workflowmanager/workflowinstance`,
    statusUrl: `${baseUrl}/registrationprocessor/v1/registrationstatus/externalstatus/search`,
    hubUrl: `${baseUrl}/hub`,
    appId: MOSIP_ACCOUNTS.appId,
    packetClient: MOSIP_ACCOUNTS.packetClient,
    websubClient: MOSIP_ACCOUNTS.websubClient,
    topic: MOSIP_ACCOUNTS.topic,
    websubSecret: HUB_SECRET,
    centerId: '10001',
    machineId: '20042',
    source: 'OPENCRVS',
    processes: { birth: 'CRVS_NEW', death: 'CRVS_DEATH', correction: 'CRVS_UPDATE' },
    schemaVersion: '0.100',
    schemaJson: JSON.stringify(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))),
    identityAuthentication: undefined,
    ...own,
    ...changes,
  };
}

/** The identity repository of a MosipPeer at `baseUrl`, as shipped. */
export function repositorySettings(
  baseUrl: string,
  changes: Partial<MosipIdentityRepositorySettings> = {},
): MosipIdentityRepositorySettings {
  return {
    url: `${baseUrl}/idrepository/v1`,
    deathRoute: 'packet',
    givesLostNumber: false,
    handlePostfix: '@birthCertificateNumber',
    ...changes,
  };
}
