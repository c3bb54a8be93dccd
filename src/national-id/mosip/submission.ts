import type { MosipSettings } from '../../config/index.js';
import { type Clock, isoNow } from '../../runtime/index.js';
import type { Informant, VitalEvent } from '../../vital-events/index.js';
import type { Answer, Submission } from '../port.js';
import type { FieldMapping } from './fields.js';
import { type Process, packetRequest } from './packet.js';
import type { ServiceAnswer, ServiceClient } from './service-client.js';

export interface SubmitDeps {
  readonly callService: ServiceClient;
  readonly mapFields: FieldMapping;
  readonly clock: Clock;
}

const PROCESSES: Readonly<Record<VitalEvent['kind'], Process>> = { birth: 'CRVS_NEW', death: 'CRVS_DEATH' };

/**
 * Sends an event to MOSIP: a packet, then the workflow that processes it (reference/mosip.md 1.1). Repeating it is safe:
 * the packet is overwritten with itself, and a workflow of the same registration id is refused as already there.
 */
export function createSubmit(deps: SubmitDeps, settings: MosipSettings): (submission: Submission) => Promise<Answer> {
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

  const startWorkflow = (submission: Submission, process: Process): Promise<ServiceAnswer> =>
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

  return async (submission) => {
    const { event, outwardKey: registrationId, signal } = submission;
    const process = PROCESSES[event.kind];
    const fields = await mapFields(event, registrationId);
    if (event.kind === 'death' && fields['nationalIdNumber'] === undefined) {
      return {
        result: 'refused',
        code: 'NATIONAL_ID_MISSING',
        reason: 'The record of the death holds no national ID of the deceased, so MOSIP cannot tell who died.',
      };
    }
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
