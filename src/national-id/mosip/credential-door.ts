import type { MosipSettings } from '../../config/index.js';
import type { CallbackDoor } from '../port.js';
import { createCallback } from './callback.js';
import { createCheckProof } from './credential-proof.js';
import { type CredentialStatusDeps, createCredentialStatus } from './credential-status.js';
import { createFetchShare } from './data-share.js';

export interface CredentialDoor extends Pick<CallbackDoor, 'authenticate' | 'read'> {
  stop(): Promise<void>;
}

/** The door for deliveries, with what the settings add: shared credentials, MOSIP's own signature, telling MOSIP. */
export function createCredentialDoor(deps: CredentialStatusDeps, settings: MosipSettings): CredentialDoor {
  const { dataShareUrl, credentialProof, statusPublisher: publisher, hubUrl } = settings;
  const { authenticate, read } = createCallback(
    {
      fetchShare: dataShareUrl === undefined ? undefined : createFetchShare(deps, { dataShareUrl }),
      checkProof: credentialProof && createCheckProof(credentialProof),
    },
    { secret: settings.websubSecret, credentialKey: settings.credentialKey },
  );
  if (publisher === undefined) return { authenticate, read, stop: async () => undefined };
  const status = createCredentialStatus(deps, { hubUrl, publisher });
  return { authenticate, read: status.reporting(read), stop: status.stop };
}
