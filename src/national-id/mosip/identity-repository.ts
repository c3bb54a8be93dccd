import { z } from 'zod';
import type { MosipIdentityRepositorySettings, MosipSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { EnvelopeAnswer } from './envelope.js';
import { createServiceClient, type ServiceAnswer, type ServiceCaller } from './service-client.js';

/** A number under which the repository knows a person; `ID` is the registration id of a packet. */
export interface IndividualId {
  readonly id: string;
  readonly idType: 'UIN' | 'VID' | 'HANDLE' | 'ID';
}

/** Of the statuses those that we set; the repository has others, such as `BLOCKED`. */
export type IdentityStatus = 'ACTIVATED' | 'DEACTIVATED';

export interface IdentityRecord {
  readonly uin: string;
  readonly status: string;
  /** The attributes, in the words of the country's identity schema. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Why MOSIP does not tell whose a VID is: it has ended itself, or its identity is not active. */
export type EndedVid = 'ended-vid' | 'ended-identity';

/** MOSIP's identity repository (reference/mosip.md 4 and 5). Every call throws MediatorError `retry` codes. */
export interface IdentityRepository {
  /** Undefined: nobody has this number. */
  read(individual: IndividualId, signal: AbortSignal): Promise<IdentityRecord | EndedVid | undefined>;
  /** Under a registration id of ours: told twice, the change is made once. */
  setStatus(
    change: { readonly uin: string; readonly status: IdentityStatus; readonly registrationId: string },
    signal: AbortSignal,
  ): Promise<ServiceAnswer>;
  /** Of all VIDs of the person at once. Refused with `NOBODY_FOUND` where none is in the opposite state. */
  setVids(
    change: { readonly uin: string; readonly status: IdentityStatus },
    signal: AbortSignal,
  ): Promise<ServiceAnswer>;
}

export const NOBODY_FOUND = 'IDR-IDC-007';

/** No record; and no number of this form, which a mistyped one is by its check digit. */
const NOBODY: readonly string[] = [NOBODY_FOUND, 'IDR-IDC-002'];

/** Given by the VID service, which the repository asks (mosip/id-repository, VidServiceImpl.retrieveUinByVid). */
const ENDED: Readonly<Record<string, EndedVid>> = { 'IDR-VID-001': 'ended-vid', 'IDR-VID-004': 'ended-identity' };

const Content = z.object({
  status: z.string().min(1),
  identity: z.looseObject({ UIN: z.union([z.string().min(1), z.number().transform(String)]) }),
});

function recordIn({ content, errorCodes }: EnvelopeAnswer): IdentityRecord | EndedVid | undefined {
  const [code] = errorCodes;
  if (code !== undefined && errorCodes.every((one) => NOBODY.includes(one))) return undefined;
  const ended = ENDED[code ?? ''];
  if (ended !== undefined) return ended;
  if (code !== undefined) throw new MediatorError('peer_error', { message: `MOSIP answered ${code}.` });
  const parsed = Content.safeParse(content);
  // The cause is dropped: it would quote the identity.
  if (!parsed.success) throw new MediatorError('peer_response_invalid');
  const { status, identity } = parsed.data;
  return { uin: identity.UIN, status, attributes: identity };
}

export function createIdentityRepository(
  { call }: { readonly call: ServiceCaller },
  { url }: Pick<MosipIdentityRepositorySettings, 'url'>,
  { schemaVersion }: Pick<MosipSettings, 'schemaVersion'>,
): IdentityRepository {
  const change = createServiceClient(call);
  return {
    read: ({ id, idType }, signal) =>
      call(
        {
          operation: 'read-identity',
          method: 'POST',
          // The older form of this question has the number in its path, where it would end in logs.
          url: `${url}/identity/idvid/`,
          id: 'mosip.id.read',
          version: 'v1',
          request: { id, type: 'demo', idType },
          signal,
        },
        recordIn,
      ),
    setStatus: ({ uin, status, registrationId }, signal) =>
      change({
        operation: 'change-identity',
        method: 'PATCH',
        url: `${url}/identity/`,
        id: 'mosip.id.update',
        version: 'v1',
        request: { registrationId, status, identity: { IDSchemaVersion: Number(schemaVersion), UIN: uin } },
        signal,
      }),
    setVids: ({ uin, status }, signal) => {
      const verb = status === 'ACTIVATED' ? 'reactivate' : 'deactivate';
      return change({
        operation: 'change-vids',
        method: 'POST',
        // A single VID is changed by a call that has it in its path, where it would end in logs.
        url: `${url}/vid/${verb}`,
        id: `mosip.vid.${verb}`,
        version: 'v1',
        request: { UIN: uin },
        signal,
      });
    },
  };
}
