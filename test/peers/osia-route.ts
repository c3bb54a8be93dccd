import { json, type PeerReply, type ReceivedRequest } from './http-peer.js';

/** One operation of OSIA's interfaces. */
export interface OsiaRoute {
  readonly method: string;
  readonly path: RegExp;
  readonly scope: string;
  /** The query parameters that it takes; those with `!` must be there. */
  readonly query: readonly string[];
  readonly work: (ids: readonly string[], request: ReceivedRequest) => PeerReply;
  /** Of two operations at one address: whether this is the one that is meant. */
  readonly when?: (request: ReceivedRequest) => boolean;
}

/** OSIA's error; a message of a real system may well quote what it was sent. */
export const error = (status: number, code: number, request: ReceivedRequest): PeerReply =>
  json({ code, message: `refused: ${request.body.toString('utf8')}` }, status);

/** An answer of the systems around, which is not OSIA's. */
export const empty = (status: number): PeerReply => ({ status });
