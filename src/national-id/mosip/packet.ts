import { randomUUID } from 'node:crypto';
import type { MosipSettings } from '../../config/index.js';
import { registerOf, type VitalEvent } from '../../vital-events/index.js';
import type { IdentityFields } from './fields.js';

export interface PacketInput {
  readonly event: VitalEvent;
  readonly registrationId: string;
  /** One of those by which a civil registry may enter MOSIP (reference/mosip.md 0). */
  readonly process: string;
  readonly fields: IdentityFields;
  /** ISO time of the making of the packet. */
  readonly createdAt: string;
}

const US = 'national-id-mediator';

/** `request` of createPacket (reference/mosip.md 1.1 step 3 and section 4). */
export function packetRequest(input: PacketInput, settings: MosipSettings): Readonly<Record<string, unknown>> {
  const entries = Object.entries(input.fields);
  const documents = entries.filter(([, value]) => typeof value !== 'string');
  return {
    id: input.registrationId,
    refId: `${settings.centerId}_${settings.machineId}`,
    offlineMode: false,
    process: input.process,
    source: settings.source,
    schemaVersion: settings.schemaVersion,
    schemaJson: settings.schemaJson,
    fields: Object.fromEntries(entries.filter(([, value]) => typeof value === 'string')),
    ...(documents.length === 0 ? {} : { documents: Object.fromEntries(documents) }),
    metaInfo: metaInfo(input, settings),
    audits: [audit(input)],
  };
}

/** Texts too: nested values are JSON inside them. No officer and no device took part, hence the empty lists. */
function metaInfo(input: PacketInput, settings: MosipSettings): Readonly<Record<string, string>> {
  const { event } = input;
  const labels = {
    registrationType: input.process,
    centerId: settings.centerId,
    machineId: settings.machineId,
    [registerOf(event) === 'birth' ? 'opencrvsBRN' : 'opencrvsDRN']: event.registrationNumber,
  };
  return {
    registrationId: input.registrationId,
    creationDate: input.createdAt,
    metaData: JSON.stringify(Object.entries(labels).map(([label, value]) => ({ label, value }))),
    operationsData: '[]',
    capturedRegisteredDevices: '[]',
  };
}

/** The packet writer refuses a packet without an audit entry. */
function audit({ registrationId, createdAt }: PacketInput): Readonly<Record<string, string>> {
  return {
    uuid: randomUUID(),
    createdAt,
    actionTimeStamp: createdAt,
    eventId: 'CRVS-001',
    eventName: 'Civil registration received',
    eventType: 'SYSTEM',
    hostName: US,
    hostIp: '0.0.0.0',
    applicationId: US,
    applicationName: US,
    sessionUserId: US,
    sessionUserName: US,
    createdBy: US,
    id: registrationId,
    idType: 'REGISTRATION_ID',
    moduleId: 'CRVS',
    moduleName: 'Civil registration',
    description: 'Packet made from a civil registration',
  };
}
