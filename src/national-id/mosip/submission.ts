import type { MosipSettings } from '../../config/index.js';
import { type Clock, isoNow } from '../../runtime/index.js';
import type { Informant } from '../../vital-events/index.js';
import type { Answer, Submission } from '../port.js';
import type { FieldMapping, IdentityFields, PacketKind } from './fields.js';
import { packetRequest } from './packet.js';
import type { ServiceAnswer, ServiceClient } from './service-client.js';

export interface SubmitDeps {
  readonly callService: ServiceClient;
  readonly mapFields: FieldMapping;
  readonly clock: Clock;
}

export type Submit = (kind: PacketKind, submission: Submission) => Promise<Answer>;

/** The fields that say whom a packet is about: one of them must be there. A birth is about nobody yet. */
const PERSON_FIELDS: Readonly<Record<PacketKind, readonly string[]>> = {
  birth: [],
  death: ['nationalIdNumber'],
  correction: ['VID', 'UIN'],
};

/** Says that nothing tells whom an event is about. */
export const NATIONAL_ID_MISSING: Answer = {
  result: 'refused',
  code: 'NATIONAL_ID_MISSING',
  reason: 'Neither the record nor an earlier event tells a national ID of the person, so MOSIP cannot know who it is.',
};

function namesNobody(kind: PacketKind, fields: IdentityFields): boolean {
  const wanted = PERSON_FIELDS[kind];
  return wanted.length > 0 && wanted.every((name) => fields[name] === undefined);
}

/**
 * Sends an event to MOSIP: a packet, then the workflow that processes it (reference/mosip.md 1.1). Repeating it is safe:
 * the packet is overwritten with itself, and a workflow of the same registration id is refused as already there.
 */
export function createSubmit(deps: SubmitDeps, settings: MosipSettings): Submit {
  const { callService, mapFields, clock } = deps;

  const createPacket = (packet: ReturnType<typeof packetRequest>, signal: AbortSignal): Promise<ServiceAnswer> =>
    callService({
      operation: 'create-packet',
      method: 'PUT',
      url: settings.packetManagerUrl,
      id: 'mosip.registration.packet.writer',
      version: 'v1',
      request: packet,
      signal,
    });

  const startWorkflow = (submission: Submission, process: string): Promise<ServiceAnswer> =>
    callService({
      operation: 'start-workflow',
      method: 'POST',
      url: settings.workflowUrl,
      id: 'mosip.registration.processor.workflow.instance',
      version: 'v1',
      request: {
        registrationId: submission.outwardKey,
        process,
        source: settings.source,
        additionalInfoReqId: '',
        notificationInfo: notificationInfo(submission.event.informant),
      },
      signal: submission.signal,
    });

  return async (kind, submission) => {
    const { event, outwardKey: registrationId, signal } = submission;
    const process = settings.processes[kind];
    const fields = await mapFields(kind, submission);
    if (namesNobody(kind, fields)) return NATIONAL_ID_MISSING;
    const packet = packetRequest({ event, registrationId, process, fields, createdAt: isoNow(clock) }, settings);
    const packetAnswer = await createPacket(packet, signal);
    if (packetAnswer.result === 'refused') return packetAnswer;
    const workflowAnswer = await startWorkflow(submission, process);
    return workflowAnswer.result === 'refused' ? workflowAnswer : { result: 'pending' };
  };
}

/** Whom MOSIP tells how it goes; the three members must be there, even empty. */
function notificationInfo(informant: Informant | undefined): Readonly<Record<'name' | 'phone' | 'email', string>> {
  const [name] = informant?.person?.names ?? [];
  return {
    name: [...(name?.given ?? []), name?.family ?? ''].join(' ').trim(),
    phone: informant?.phone ?? informant?.person?.phone ?? '',
    email: informant?.email ?? informant?.person?.email ?? '',
  };
}
