import { MediatorError } from '../../../src/errors/index.js';
import type { CallbackAnswer, CallbackDoor } from '../../../src/national-id/port.js';
import { HttpPeer, type PeerReply, type ReceivedRequest } from '../../peers/http-peer.js';

/** Our callback route, as thin as can be: it authenticates, answers, and keeps what came. */
export class CallbackPeer extends HttpPeer {
  door: CallbackDoor | undefined;
  readonly deliveries: { readonly id: string; readonly answer: CallbackAnswer }[] = [];

  get callbackUrl(): string {
    return `${this.url}/national-id/callback`;
  }

  /** The answer to what was sent under this key, once it is there. */
  async answerFor(outwardKey: string): Promise<CallbackAnswer> {
    const find = () => this.deliveries.find(({ answer }) => answer.outwardKey === outwardKey);
    await this.until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error('the callback has gone');
    return found.answer;
  }

  protected override async answer(request: ReceivedRequest): Promise<PeerReply> {
    if (this.door === undefined || !/^\/national-id\/callback\/?$/.test(request.path)) return { status: 404 };
    try {
      if (request.method === 'GET') {
        const { status, body } = this.door.confirmIntent(Object.fromEntries(request.query));
        return { status, headers: { 'content-type': 'text/plain' }, body };
      }
      const { deliveryId } = this.door.authenticate(request.headers, request.body);
      this.deliveries.push({ id: deliveryId, answer: await this.door.read(request.body) });
      return { status: 200 };
    } catch (thrown) {
      if (thrown instanceof MediatorError) return { status: thrown.status };
      throw thrown;
    }
  }
}
