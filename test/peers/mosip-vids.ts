import { z } from 'zod';
import { json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { errorReply, parse } from './mosip-auth.js';
import type { MosipIdentities, MosipPerson, VidStatus } from './mosip-identities.js';

const PATH = '/idrepository/v1/vid/';

const requestOf = <I extends string, R extends z.ZodType>(id: I, request: R) =>
  z.object({ id: z.literal(id), version: z.literal('v1'), requesttime: z.iso.datetime(), request });
const OfUin = z.strictObject({ UIN: z.string().regex(/^\d{10}$/) });

const UpdateRequest = requestOf(
  'mosip.vid.update',
  /** As the real one is configured (application.properties of its VID service). */
  z.strictObject({ vidStatus: z.enum(['ACTIVE', 'REVOKED', 'EXPIRED', 'USED', 'INVALIDATED', 'DEACTIVATED']) }),
);

/** What `POST` of all VIDs of a person does, by the last part of its path. */
const CHANGES = {
  deactivate: { request: requestOf('mosip.vid.deactivate', OfUin), from: 'ACTIVE', to: 'DEACTIVATED' },
  reactivate: { request: requestOf('mosip.vid.reactivate', OfUin), from: 'DEACTIVATED', to: 'ACTIVE' },
} as const;

const NOT_FOUND = errorReply('IDR-IDC-007', 'No Record(s) found');
const invalid = (what: string): PeerReply => errorReply('IDR-IDC-002', `Invalid Input Parameter - ${what}`);

function answer(id: string, response: unknown): PeerReply {
  return json({ id, version: 'v1', responsetime: new Date().toISOString(), metadata: null, response, errors: [] });
}

/** The role that a call needs, as MOSIP ships them; undefined for what is no call about VIDs. */
export function vidRole({ method, path }: ReceivedRequest): string | undefined {
  if (!path.startsWith(PATH)) return undefined;
  return method === 'PATCH' ? 'REGISTRATION_PROCESSOR' : 'RESIDENT';
}

/** MOSIP's VID service (reference/mosip.md 4; mosip/id-repository, VidController and VidServiceImpl). */
export class MosipVids {
  readonly #identities: MosipIdentities;

  constructor(identities: MosipIdentities) {
    this.#identities = identities;
  }

  answer({ method, path, body }: ReceivedRequest): PeerReply {
    const last = path.slice(PATH.length);
    if (method === 'GET') return this.#read(last);
    if (method === 'PATCH') return this.#update(last, parse(body));
    if (method === 'POST' && (last === 'deactivate' || last === 'reactivate')) return this.#change(last, parse(body));
    return json({ status: 405, error: 'Method Not Allowed', path }, 405);
  }

  /** Whose VID it is, or the answer that tells why not: that is told of active VIDs of active identities only. */
  resolve(vid: string): MosipPerson | PeerReply {
    const person = /^\d{16}$/.test(vid) ? this.#identities.find(vid) : undefined;
    if (person === undefined) return NOT_FOUND;
    if (person.vidStatus !== 'ACTIVE') return errorReply('IDR-VID-001', `VID is ${person.vidStatus}`);
    if (person.status !== 'ACTIVATED') return errorReply('IDR-VID-004', `${person.status} UIN`);
    return person;
  }

  #read(vid: string): PeerReply {
    if (!/^\d{16}$/.test(vid)) return invalid('VID');
    const found = this.resolve(vid);
    return 'uin' in found ? answer('mosip.vid.read', { UIN: found.uin }) : found;
  }

  #update(vid: string, body: unknown): PeerReply {
    const parsed = UpdateRequest.safeParse(body);
    if (!parsed.success) return invalid('vidStatus');
    if (!/^\d{16}$/.test(vid)) return invalid('VID');
    const person = this.#identities.find(vid);
    if (person === undefined) return NOT_FOUND;
    if (person.vidStatus !== 'ACTIVE') return errorReply('IDR-VID-001', `VID is ${person.vidStatus}`);
    return this.#set(person, parsed.data.request.vidStatus, 'mosip.vid.update');
  }

  #change(what: keyof typeof CHANGES, body: unknown): PeerReply {
    const { request, from, to } = CHANGES[what];
    const parsed = request.safeParse(body);
    if (!parsed.success) return invalid('UIN');
    const person = this.#identities.find(parsed.data.request.UIN);
    // Also where none of them is in the state that it would be taken out of.
    if (person?.vidStatus !== from) return NOT_FOUND;
    return this.#set(person, to, parsed.data.id);
  }

  #set(person: MosipPerson, vidStatus: VidStatus, id: string): PeerReply {
    this.#identities.setVidStatus(person, vidStatus);
    return answer(id, { vidStatus });
  }
}
