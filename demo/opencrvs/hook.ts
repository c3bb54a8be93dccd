import { type GatewayRecord, OpenCrvsGatewayPeer } from '../../test/peers/opencrvs-gateway-peer.js';
import { waitingRecord } from '../../test/support/opencrvs-shapes.js';
import type { World } from '../../test/support/world.js';
import { openRequest } from '../people.js';
import type { Stage } from '../stage.js';
import { forward, gatewayEnvironment } from './hand-over.js';
import type { Happening, OpenCrvsPart } from './part.js';

/** Whether the gateway has registered the record under this number, and once. */
function isRegistered({ status, registrationNumbers }: GatewayRecord, number: string): boolean {
  return status === 'REGISTERED' && registrationNumbers.length === 1 && registrationNumbers[0] === number;
}

/** OpenCRVS 1.7 and 1.8: it asks before it registers, and is answered at its gateway (reference/opencrvs.md 4.7). */
export async function hookPart({ opencrvs }: World, mappingsDir: string): Promise<OpenCrvsPart> {
  const gateway = await new OpenCrvsGatewayPeer(opencrvs.system).start();

  const waiting = async (kind: 'birth' | 'death', recordId: string): Promise<Happening> => {
    const { body, event, name } = await openRequest(waitingRecord(kind), { recordId }, mappingsDir);
    const record = gateway.addRecord(recordId, { event: kind === 'birth' ? 'BIRTH' : 'DEATH' });
    const token = opencrvs.system.issueReplyToken({ recordId });
    const { registrationNumber } = event;
    return {
      kind,
      title: `A ${kind} waits to be registered: ${name}, to get number ${registrationNumber}`,
      subject: event.subject,
      registrationNumber,
      send: (stage, times) => forward(stage, { body, token }, times),
      async outcome({ see, saw }: Stage) {
        await see(gateway, `the gateway has registered the ${kind}`, () =>
          isRegistered(record, registrationNumber) ? record : undefined,
        );
        saw(`confirmRegistration: the record is ${record.status}, with number ${registrationNumber}.`);
        return record.identifiers.find(({ type }) => type === 'NATIONAL_ID')?.value;
      },
    };
  };

  return {
    environment: gatewayEnvironment(gateway.url, 'gateway-graphql'),
    birth: await waiting('birth', '8c8fca98-e7fc-4a10-8d62-9aa1eaae9b0d'),
    after: await waiting('death', 'c8601115-3f2e-49f3-b0f2-c8ba3b3a3ae6'),
    child: undefined,
    async connect() {},
    stop: () => gateway.stop(),
  };
}
