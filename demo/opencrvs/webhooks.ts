import { StoredPatient } from '../../test/peers/opencrvs-records.js';
import type { World } from '../../test/support/world.js';
import { type Registration, registrationIn } from '../people.js';
import { isPostTo, type Stage } from '../stage.js';
import { oneAnswer } from './hand-over.js';
import type { OpenCrvsPart } from './part.js';
import type { WayBack } from './way-back.js';

/** OpenCRVS delivers a registration `times` over, through OpenHIM. */
async function deliver(stage: Stage, { body, event }: Registration, times: 1 | 2): Promise<string> {
  const { world, transaction, saw } = stage;
  const { transactions } = world.router;
  const earlier = transactions.length;
  const reports = await world.opencrvs.deliver(body, { times });
  const answers = reports.map((report) => ({ status: report.status, body: report.body }));
  const id = oneAnswer(stage, answers, { sent: 'Sent, signed', status: 200 });
  const isOurs = isPostTo('/opencrvs/webhooks');
  const { id: transactionId, status } = await transaction(
    `OpenHIM has carried the ${event.kind}`,
    (one) => transactions.indexOf(one) >= earlier && isOurs(one),
  );
  saw(`In OpenHIM: transaction ${transactionId}, ${status}.`);
  return id;
}

async function subscribe({ world, see, saw }: Stage): Promise<void> {
  const { auth, webhooks } = world.opencrvs;
  const subscriptions = await see(webhooks, 'the mediator has subscribed to births and deaths', () =>
    webhooks.subscriptions.length === 2 ? webhooks.subscriptions : undefined,
  );
  saw(`Tokens from OpenCRVS: ${auth.tokenRequests}. One serves all calls until shortly before its end.`);
  saw(`Subscribed to ${subscriptions.map(({ topic }) => topic).join(' and ')}.`);
  saw('OpenCRVS has asked back, through OpenHIM, whether the subscription was meant.');
}

const titleOf = ({ event, name }: Registration): string =>
  `A ${event.kind} is registered: ${name}, number ${event.registrationNumber}`;

/** OpenCRVS up to 1.6: signed webhooks, and one of its ways back. */
export function webhooksPart(
  { opencrvs }: World,
  bodies: { readonly birth: unknown; readonly death: unknown },
  { environment, written }: WayBack,
): OpenCrvsPart {
  const [birth, death] = [registrationIn(bodies.birth), registrationIn(bodies.death)];
  opencrvs.records.load(birth.body);
  const [child] = opencrvs.records.search(birth.event.registrationNumber);
  const { registrationNumber } = birth.event;
  return {
    environment,
    birth: {
      kind: 'birth',
      title: titleOf(birth),
      subject: birth.event.subject,
      registrationNumber,
      send: (stage, times) => deliver(stage, birth, times),
      outcome: (stage) => written(stage, registrationNumber),
    },
    after: {
      kind: 'death',
      title: titleOf(death),
      subject: death.event.subject,
      registrationNumber: death.event.registrationNumber,
      send: (stage, times) => deliver(stage, death, times),
      async outcome({ saw }) {
        saw('OpenCRVS takes nothing back for a death on this way.');
        return undefined;
      },
    },
    child: StoredPatient.parse(child),
    connect: (stage) => stage.step('It gets a token from OpenCRVS and subscribes', () => subscribe(stage)),
    async stop() {},
  };
}
