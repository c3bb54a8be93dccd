import { OpenCrvsEventsPeer } from '../../test/peers/opencrvs-events-peer.js';
import { type StoredAction, StoredEvent } from '../../test/peers/opencrvs-events-store.js';
import { fixture } from '../../test/support/fixtures.js';
import type { World } from '../../test/support/world.js';
import { openRequest } from '../people.js';
import type { Stage } from '../stage.js';
import { forward, gatewayEnvironment } from './hand-over.js';
import type { Happening, OpenCrvsPart } from './part.js';

const documentOf = (name: string): StoredEvent => StoredEvent.parse(fixture(`opencrvs/event-document-${name}.json`));

/** Scopes are encoded from 2.0 on (reference/opencrvs.md 2.2). */
const SCOPES = ['type=record.confirm-registration', 'type=record.reject-registration'];

/** The birth as OpenCRVS holds it now, with the correction that a registrar has just approved. */
function corrected(birth: StoredEvent): StoredEvent {
  const correction = documentOf('correction');
  const from = correction.actions.findIndex(({ type }) => type === 'REQUEST_CORRECTION');
  return { ...birth, updatedAt: correction.updatedAt, actions: [...birth.actions, ...correction.actions.slice(from)] };
}

const numberIn = ({ declaration }: StoredAction): string | undefined => {
  const number = declaration['child.nid'];
  return typeof number === 'string' ? number : undefined;
};

/** OpenCRVS 2.x: actions that wait for their answer, given over tRPC (reference/opencrvs.md 6). */
export async function actionsPart({ opencrvs }: World, mappingsDir: string): Promise<OpenCrvsPart> {
  const peer = await new OpenCrvsEventsPeer(opencrvs.system).start();
  const { id: eventId } = peer.events.load(documentOf('birth'));

  /** The answer to an action, once it is there; a second one would show as another. */
  const verdict = async ({ see, saw }: Stage, actionId: string, procedure: string): Promise<StoredAction> => {
    const accepted = await see(peer, `OpenCRVS has the answer ${procedure}`, () => {
      const [first, second] = peer.events.verdictsOn(eventId, actionId);
      return second === undefined ? first : undefined;
    });
    if (accepted.status !== 'Accepted') throw new Error(`the action is ${accepted.status}`);
    saw(`${procedure}, over tRPC: the action is ${accepted.status}.`);
    return accepted;
  };

  /** The question about the pending action of the event as it is now. */
  const question = async (document: StoredEvent) => {
    const { id: actionId } = peer.events.pendingAction(peer.events.load(document).id);
    const about = { eventId, actionId };
    const { body, event, name } = await openRequest(document, about, mappingsDir);
    return { body, event, name, actionId, token: opencrvs.system.issueReplyToken(about, SCOPES) };
  };

  const registering = await question(documentOf('birth'));
  const { registrationNumber } = registering.event;
  const birth: Happening = {
    kind: 'birth',
    title: `A birth waits to be registered: ${registering.name}, to get number ${registrationNumber}`,
    subject: registering.event.subject,
    registrationNumber,
    send: (stage, times) => forward(stage, registering, times),
    async outcome(stage) {
      const accepted = await verdict(stage, registering.actionId, 'event.actions.register.accept');
      if (accepted.registrationNumber !== registrationNumber) throw new Error('OpenCRVS got another number');
      return numberIn(accepted);
    },
  };

  let correctionId = '';
  const correction: Happening = {
    kind: 'correction',
    title: `A correction of ${registrationNumber} waits to be approved`,
    subject: registering.event.subject,
    registrationNumber,
    async send(stage, times) {
      const correcting = await question(corrected(peer.events.get(eventId)));
      correctionId = correcting.actionId;
      stage.saw(`The name is to be ${correcting.name}.`);
      return forward(stage, correcting, times);
    },
    async outcome(stage) {
      return numberIn(await verdict(stage, correctionId, 'event.actions.correction.approve.accept'));
    },
  };

  return {
    environment: gatewayEnvironment(peer.url, 'events'),
    birth,
    after: correction,
    child: undefined,
    async connect() {},
    stop: () => peer.stop(),
  };
}
