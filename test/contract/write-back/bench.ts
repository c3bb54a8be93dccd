import type { WriteBack } from '../../../src/opencrvs/index.js';
import type { RegistrationKind } from '../../../src/vital-events/index.js';
import type { HttpPeer, ReceivedRequest } from '../../peers/http-peer.js';

/** A way back with the OpenCRVS behind it, which has one birth and one death, as the contract suite sees it. */
export interface Bench {
  readonly writeBack: WriteBack;
  /** The service that is written to; undefined where nothing is. */
  readonly peer: HttpPeer | undefined;
  /** True for the request that tells the outcome. */
  isWrite(request: ReceivedRequest): boolean;
  /** Where OpenCRVS waits for the answer to this registration. */
  replyTo(kind: RegistrationKind): unknown;
  /** All that OpenCRVS holds about the registration, each write on its own: the same twice shows. */
  held(kind: RegistrationKind): unknown;
  /** The numbers of an identity that the birth has in OpenCRVS. */
  numbers(): readonly string[];
  /** From now on OpenCRVS rejects whatever is told about the two, for good. */
  refuse(): void;
  /** Everything that was logged. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

export interface Way {
  readonly name: WriteBack['kind'];
  /** `mapping`: text that takes the place of the mapping as shipped. */
  readonly open: (mapping?: string) => Promise<Bench>;
  /** What OpenCRVS has a place for. */
  readonly takes: { readonly birth: boolean; readonly death: boolean; readonly refusal: boolean };
  /** Whose token it calls with: one of ours, that can be renewed, or the one that came with the event. */
  readonly token: 'system' | 'reply' | 'none';
  /** Mappings that write the national ID itself, and no number at all. */
  readonly mappings: { readonly nationalId: string; readonly nothing: string };
}
