import { afterEach, describe, expect, test } from '@jest/globals';
import type { ClientCertificate } from '../../../src/outbound/index.js';
import { selfSigned } from '../../support/self-signed.js';
import { type Caller, createCaller, EchoPeer, WAYS } from './set-up.js';

const [server, own, stranger, expired] = [selfSigned(), selfSigned(), selfSigned(), selfSigned('127.0.0.1', -1)];
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

let peer: EchoPeer;
let caller: Caller;
afterEach(async () => {
  await caller.client.close();
  await peer.stop();
});

/** A caller with this certificate, before a peer that lets in whom `authority` vouches for. */
async function begin(
  way: (typeof WAYS)[number],
  version: (typeof VERSIONS)[number],
  clientCertificate: ClientCertificate | undefined,
  authority = own.cert,
): Promise<void> {
  peer = await new EchoPeer({ ...server, clientCa: authority, version }).start();
  caller = createCaller(peer, { trust: { ca: server.cert, trustSelfSigned: false }, clientCertificate }, way);
}

describe.each(WAYS.flatMap((way) => VERSIONS.map((version) => ({ way, version }))))(
  '$way over $version',
  ({ way, version }) => {
    test('a peer that asks for our certificate gets it', async () => {
      await begin(way, version, own);
      expect(await caller.send('/echo')).toMatchObject({ status: 200 });
      expect(peer.received).toHaveLength(1);
    });

    test.each([
      { name: 'none', certificate: undefined, authority: own.cert },
      { name: 'one of another authority', certificate: stranger, authority: own.cert },
      { name: 'one that has expired', certificate: expired, authority: expired.cert },
    ])('to a peer that wants it, a call with $name never gets, and may be tried again', async (given) => {
      await begin(way, version, given.certificate, given.authority);
      const error: unknown = await caller.send('/echo').catch((thrown: unknown) => thrown);
      // A peer that closes at once may be quicker than its own alert.
      expect(error).toMatchObject({
        code: expect.stringMatching(/^peer_un(?:authorized|reachable)$/),
        disposition: 'retry',
        unanswered: true,
      });
      expect(peer.received).toHaveLength(0);
    });
  },
);
