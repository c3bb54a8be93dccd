import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { json, type PeerReply } from './http-peer.js';
import { errorReply } from './mosip-auth.js';
import { MosipIdentities } from './mosip-identities.js';

const Texts = z.record(z.string(), z.string());

/** A document comes beside the fields (mosip/packet-manager, PacketDto and Document). */
const Document = z.strictObject({
  document: z.base64().min(1),
  type: z.string(),
  format: z.string(),
  value: z.string().optional(),
  refNumber: z.string().optional(),
});
type Documents = Readonly<Record<string, z.infer<typeof Document>>>;

/** What the schema calls a field whose value is a document. */
const DOCUMENT_TYPE = '#/definitions/documentType';

const PacketRequest = z.object({
  id: z.string(),
  version: z.string(),
  requesttime: z.iso.datetime(),
  request: z.object({
    id: z.string().min(1),
    refId: z.string().regex(/^\d{5}_\d{5}$/),
    offlineMode: z.boolean(),
    process: z.string(),
    source: z.string(),
    schemaVersion: z.string(),
    schemaJson: z.string(),
    fields: Texts,
    documents: z.record(z.string(), Document).optional(),
    metaInfo: Texts,
    audits: z.array(Texts),
  }),
});

const WorkflowRequest = z.object({
  id: z.literal('mosip.registration.processor.workflow.instance'),
  version: z.literal('v1'),
  requesttime: z.iso.datetime(),
  request: z.object({
    registrationId: z.string().min(1),
    process: z.string().min(1),
    source: z.string().min(1),
    additionalInfoReqId: z.string(),
    notificationInfo: z.object({ name: z.string(), phone: z.string(), email: z.string() }),
  }),
});

/** What the packet writer needs of each field: a category that it knows, and a type. */
const CATEGORIES = ['pvt', 'kyc', 'none', 'evidence', 'optional'] as const;
const Field = z
  .object({
    fieldCategory: z.enum(CATEGORIES),
    type: z.string().optional(),
    $ref: z.string().optional(),
    handle: z.boolean().optional(),
  })
  .refine(({ type, $ref }) => (type ?? $ref) !== undefined);
const IdentitySchema = z.object({
  properties: z.object({
    identity: z.object({ required: z.array(z.string()), properties: z.record(z.string(), Field) }),
  }),
});
type IdentitySchema = z.infer<typeof IdentitySchema>['properties']['identity'];

/** The processes that the packet manager is configured for (reference/mosip.md 0). */
const PROCESSES: readonly string[] = ['CRVS_NEW', 'CRVS_DEATH', 'CRVS_UPDATE'];

interface Packet {
  readonly process: string;
  readonly source: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly documents: Documents;
  readonly schema: IdentitySchema;
}

/** What came of a registration id. `count` is how many identities it got (or how often the event was taken). */
export interface Issued {
  readonly kind: 'birth' | 'death' | 'update';
  readonly vid?: string;
  readonly uin?: string;
  readonly birthCertificateNumber?: string;
  readonly count: number;
}

/** Packet manager, workflow manager and registration processor (reference/mosip.md 1.1, 1.3, 1.4, 4). */
export class MosipProcessor {
  readonly packets = new Map<string, Packet>();
  readonly workflows = new Map<string, string>();
  /** By registration id. */
  readonly issued = new Map<string, Issued>();
  /** Registrations that were rejected after they had been taken: no callback ever tells. */
  readonly rejected = new Map<string, string>();
  readonly identities = new MosipIdentities();
  readonly #handles = new Map<string, string>();
  readonly #sources: readonly string[];
  readonly #schemas = new Map<string, IdentitySchema | undefined>();

  constructor(options: { sources: readonly string[] }) {
    this.#sources = options.sources;
  }

  createPacket(body: unknown): PeerReply {
    const parsed = PacketRequest.safeParse(body);
    if (!parsed.success) return json({ status: 400, error: 'Bad Request' }, 400);
    const packet = parsed.data.request;
    if (!this.#knows(packet.source, packet.process)) {
      return errorReply('KER-PUT-006', 'No available provider for given source and process');
    }
    const schema = this.#schemaOf(packet.schemaJson);
    if (schema === undefined || packet.audits.length === 0 || Number.isNaN(Number(packet.schemaVersion))) {
      // The packet manager logs what it could not write and answers so (PacketWriter.createPacket).
      return json(answer(null));
    }
    const fields = keptFields(packet.fields, schema);
    const documents = keptDocuments(packet.documents ?? {}, schema);
    this.packets.set(packet.id, { ...packet, fields, documents, schema });
    return json(
      answer(
        ['id', 'evidence', 'optional'].map((part) => ({
          id: packet.id,
          packetName: `${packet.id}_${part}`,
          source: packet.source,
          process: packet.process,
          refId: packet.refId,
          schemaVersion: packet.schemaVersion,
          providerName: 'PacketWriterImpl',
          providerVersion: 'v1.0',
          creationDate: new Date().toISOString(),
        })),
      ),
    );
  }

  /** Answers a workflow request; `taken` is the registration that now gets processed. */
  startWorkflow(body: unknown): { readonly reply: PeerReply; readonly taken?: string } {
    const parsed = WorkflowRequest.safeParse(body);
    if (!parsed.success) return { reply: errorReply('RPR-WIN-000', 'Missing input parameter') };
    const { registrationId, process, source } = parsed.data.request;
    const packet = this.packets.get(registrationId);
    if (packet === undefined || packet.process !== process || packet.source !== source) {
      return { reply: errorReply('RPR-WIN-001', 'Invalid input parameter: registrationId') };
    }
    if (this.workflows.has(registrationId)) {
      return { reply: errorReply('RPR-WIS-001', 'Workflow instance already exists') };
    }
    const workflowInstanceId = randomUUID();
    this.workflows.set(registrationId, workflowInstanceId);
    return { reply: json(answer({ workflowInstanceId }, null)), taken: registrationId };
  }

  /** Loses a registration, as a MOSIP does that was restored from a backup. What was issued for it stays issued. */
  forget(registrationId: string): void {
    this.packets.delete(registrationId);
    this.workflows.delete(registrationId);
    this.rejected.delete(registrationId);
  }

  /** Processes a registration whose workflow runs; gives the numbers of its credential, undefined when rejected. */
  process(registrationId: string): Readonly<Record<string, string>> | undefined {
    const packet = this.packets.get(registrationId);
    if (packet === undefined) throw new Error('a workflow without a packet');
    const problem = this.#problemOf(registrationId, packet);
    if (problem !== undefined) {
      this.rejected.set(registrationId, problem);
      return undefined;
    }
    const count = (this.issued.get(registrationId)?.count ?? 0) + 1;
    switch (packet.process) {
      case 'CRVS_DEATH':
        this.issued.set(registrationId, { kind: 'death', count });
        return this.#end(packet);
      case 'CRVS_UPDATE':
        this.issued.set(registrationId, { kind: 'update', count });
        return this.#update(packet);
      default:
        return this.#make(registrationId, packet, count);
    }
  }

  #make(registrationId: string, packet: Packet, count: number): Readonly<Record<string, string>> {
    for (const handle of handlesOf(packet)) this.#handles.set(handle, registrationId);
    const { uin, vid } = this.identities.make(packet.fields);
    const { birthCertificateNumber = '' } = packet.fields;
    this.issued.set(registrationId, { kind: 'birth', uin, vid, birthCertificateNumber, count });
    return { birthCertificateNumber, VID: vid, UIN: uin };
  }

  /** Deaths of people whom this peer did not make are taken too: they had their number before it began. */
  #end({ fields }: Packet): Readonly<Record<string, string>> {
    const person = this.identities.find(fields['nationalIdNumber']);
    if (person !== undefined) this.identities.setStatus(person, 'DEACTIVATED');
    return {};
  }

  /** The credential of an update is that of a birth (reference/mosip.md 1.1, OC2). */
  #update({ fields }: Packet): Readonly<Record<string, string>> {
    const { VID: number, ...facts } = fields;
    const person = this.identities.find(number);
    if (person === undefined) throw new Error('an update of nobody was not rejected');
    this.identities.update(person, facts);
    const { birthCertificateNumber = '' } = person.fields;
    return { birthCertificateNumber, VID: person.vid, UIN: person.uin };
  }

  #problemOf(registrationId: string, packet: Packet): string | undefined {
    const missing = requiredOf(packet).find((name) => packet.fields[name] === undefined);
    if (missing !== undefined) return `required field ${missing}`;
    const misdated = ['dateOfBirth', 'dateOfDeath'].find(
      (name) => !/^\d{4}\/\d{2}\/\d{2}$/.test(packet.fields[name] ?? '2000/01/01'),
    );
    if (misdated !== undefined) return `invalid field ${misdated}`;
    if (packet.process === 'CRVS_DEATH') return undefined;
    if (packet.process === 'CRVS_UPDATE') {
      return this.identities.find(packet.fields['VID'])?.status === 'ACTIVATED' ? undefined : 'IDR-IDC-007';
    }
    const taken = handlesOf(packet).some((handle) => (this.#handles.get(handle) ?? registrationId) !== registrationId);
    return taken ? 'IDR-IDC-014' : undefined;
  }

  #knows(source: string, process: string): boolean {
    return this.#sources.includes(source) && PROCESSES.includes(process);
  }

  /** Schemas come with every packet: each is read once. */
  #schemaOf(schemaJson: string): IdentitySchema | undefined {
    if (!this.#schemas.has(schemaJson)) {
      const parsed = z.string().transform(toJson).pipe(IdentitySchema).safeParse(schemaJson);
      this.#schemas.set(schemaJson, parsed.data?.properties.identity);
    }
    return this.#schemas.get(schemaJson);
  }
}

function requiredOf({ process, schema }: Packet): readonly string[] {
  switch (process) {
    case 'CRVS_DEATH':
      return ['nationalIdNumber', 'deathDeclared'];
    case 'CRVS_UPDATE':
      return ['VID'];
    default:
      return schema.required.filter((name) => name !== 'IDSchemaVersion');
  }
}

function toJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('not JSON');
    return z.NEVER;
  }
}

function answer(response: unknown, errors: unknown = []): unknown {
  return {
    id: 'mosip.registration.packet.writer',
    version: 'v1',
    responsetime: new Date().toISOString(),
    metadata: null,
    response,
    errors,
  };
}

/** The packet writer keeps what the schema names and calls no document, and drops a value that begins like JSON and is none. */
function keptFields(fields: Readonly<Record<string, string>>, schema: IdentitySchema): Record<string, string> {
  const isKept = ([name, value]: [string, string]): boolean =>
    isText(schema.properties[name]) && value !== '' && (!/^\s*["{[]/.test(value) || isJson(value));
  return Object.fromEntries(Object.entries(fields).filter(isKept));
}

function isText(field: z.infer<typeof Field> | undefined): boolean {
  return field !== undefined && field.$ref !== DOCUMENT_TYPE;
}

function keptDocuments(documents: Documents, schema: IdentitySchema): Documents {
  const isKept = ([name]: [string, unknown]): boolean => schema.properties[name]?.$ref === DOCUMENT_TYPE;
  return Object.fromEntries(Object.entries(documents).filter(isKept));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The handles that the packet chose: the schema must call the field one. */
function handlesOf({ fields, schema }: Packet): string[] {
  const chosen = z.array(z.string()).parse(JSON.parse(fields['selectedHandles'] ?? '[]'));
  return chosen
    .filter((name) => schema.properties[name]?.handle === true && fields[name] !== undefined)
    .map((name) => `${name}:${fields[name]}`);
}
