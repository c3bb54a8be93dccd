import { z } from 'zod';
import { json, type PeerReply } from './http-peer.js';
import { errorReply } from './mosip-auth.js';
import type { MosipPerson } from './mosip-identities.js';
import type { MosipProcessor } from './mosip-processor.js';
import type { MosipVids } from './mosip-vids.js';

const HANDLE_POSTFIX = '@birthCertificateNumber';

const ReadRequest = z.object({
  id: z.literal('mosip.id.read'),
  version: z.literal('v1'),
  requesttime: z.iso.datetime(),
  request: z.object({
    id: z.string().min(1),
    type: z.enum(['demo', 'bio', 'all']),
    idType: z.enum(['UIN', 'VID', 'HANDLE', 'ID']),
  }),
});

const UpdateRequest = z.object({
  id: z.literal('mosip.id.update'),
  version: z.literal('v1'),
  requesttime: z.iso.datetime(),
  request: z.object({
    registrationId: z.string().min(1),
    /** Those that the real one is configured for (reference/mosip.md 4). */
    status: z.enum(['ACTIVATED', 'BLOCKED', 'DEACTIVATED']),
    identity: z.strictObject({ IDSchemaVersion: z.number(), UIN: z.string() }),
  }),
});

type Read = z.infer<typeof ReadRequest>['request'];

/** Attributes as the repository holds them: what was JSON in a packet's text is JSON here. */
function attributesOf({ fields, uin }: MosipPerson): Readonly<Record<string, unknown>> {
  const opened = Object.entries(fields).map(([name, value]) => [name, /^[[{]/.test(value) ? JSON.parse(value) : value]);
  return { ...Object.fromEntries(opened), UIN: uin };
}

/** The identity repository's two calls that change and tell a single identity (reference/mosip.md 4 and 5). */
export class MosipRepository {
  readonly #processor: MosipProcessor;
  readonly #vids: MosipVids;
  /** Registration ids that have changed an identity: the real one refuses each a second time. */
  readonly #used = new Set<string>();

  constructor(processor: MosipProcessor, vids: MosipVids) {
    this.#processor = processor;
    this.#vids = vids;
  }

  read(body: unknown): PeerReply {
    const parsed = ReadRequest.safeParse(body);
    if (!parsed.success) return errorReply('IDR-IDC-001', 'Missing Input Parameter');
    const person = this.#find(parsed.data.request);
    if (person === undefined) return errorReply('IDR-IDC-007', 'No Record(s) found');
    if (!('uin' in person)) return person;
    return this.#answer('mosip.id.read', { status: person.status, identity: attributesOf(person), documents: [] });
  }

  update(body: unknown): PeerReply {
    const parsed = UpdateRequest.safeParse(body);
    if (!parsed.success) return errorReply('IDR-IDC-002', 'Invalid Input Parameter - status');
    const { registrationId, status, identity } = parsed.data.request;
    // A VID in the place of a UIN is no UIN.
    const person = /^\d{10}$/.test(identity.UIN) ? this.#processor.identities.find(identity.UIN) : undefined;
    if (person === undefined) return errorReply('IDR-IDC-007', 'No Record(s) found');
    if (this.#used.has(registrationId)) return errorReply('IDR-IDC-012', 'Record already exists in DB');
    this.#used.add(registrationId);
    this.#processor.identities.setStatus(person, status);
    return this.#answer('mosip.id.update', { status, identity: null, documents: null });
  }

  /** The real one has its VID service resolve a VID, and gives that one's errors on. */
  #find({ id, idType }: Read): MosipPerson | PeerReply | undefined {
    const { identities, issued } = this.#processor;
    switch (idType) {
      case 'UIN':
        return id.length === 10 ? identities.find(id) : undefined;
      case 'VID':
        return this.#vids.resolve(id);
      case 'ID':
        return identities.find(issued.get(id)?.uin);
      case 'HANDLE':
        return id.endsWith(HANDLE_POSTFIX)
          ? identities.findByCertificate(id.slice(0, -HANDLE_POSTFIX.length))
          : undefined;
    }
  }

  #answer(id: string, response: unknown): PeerReply {
    return json({ id, version: 'v1', responsetime: new Date().toISOString(), metadata: null, response, errors: [] });
  }
}
