import { z } from 'zod';
import { invented, type Registration } from './people.js';
import type { Stage } from './stage.js';

const Acknowledgement = z.object({ id: z.string() });
const Delivery = z.object({ event: z.object({ data: z.object({ credential: z.string() }) }) });
const Texts = z.array(z.object({ value: z.string() }));

/** The form in which MOSIP encrypts begins with this word (reference/mosip.md 3). */
const SEALED_PREFIX = Buffer.from('VER_R2');

interface Call {
  readonly request: { readonly method: string; readonly path: string };
}

const isPostTo =
  (path: string) =>
  ({ request }: Call): boolean =>
    request.method === 'POST' && request.path.startsWith(path);

/** The text of a field whose value is JSON with languages. */
function textOf(field: string | undefined): string {
  return Texts.parse(JSON.parse(field ?? '[]'))[0]?.value ?? '';
}

/** OpenCRVS delivers a registration `times` over; every answer must be the same. Gives the id of the event. */
export async function deliver(
  { world, transaction, saw }: Stage,
  { webhook, event }: Registration,
  times: 1 | 2,
): Promise<string> {
  const { transactions } = world.router;
  const earlier = transactions.length;
  const reports = await world.opencrvs.deliver(webhook, { times });
  const answers = new Set(reports.map(({ status, body }) => `${status} ${body}`));
  const [first] = reports;
  if (answers.size !== 1 || first?.status !== 200) throw new Error(`OpenCRVS was answered ${[...answers].join(', ')}`);
  const { id } = Acknowledgement.parse(JSON.parse(first.body ?? ''));
  const isOurs = isPostTo('/opencrvs/webhooks');
  const { id: transactionId, status } = await transaction(
    `OpenHIM has carried the ${event.kind}`,
    (one) => transactions.indexOf(one) >= earlier && isOurs(one),
  );
  saw(times === 1 ? 'Sent, signed. Answer:' : 'Sent, signed, and sent again, as may happen. The same answer twice:');
  saw(`  HTTP 200, event ${id}.`);
  saw(`In OpenHIM: transaction ${transactionId}, ${status}.`);
  return id;
}

/** Waits for the packet of a process and its workflow; gives the registration id. */
async function submitted({ world, see, saw, show }: Stage, process: string): Promise<string> {
  const { mosip } = world;
  const [registrationId, packet] = await see(mosip, `MOSIP has a packet of process ${process} and works on it`, () =>
    [...mosip.processor.packets].find(([id, one]) => one.process === process && mosip.processor.workflows.has(id)),
  );
  saw(`Tokens from MOSIP's auth manager so far: ${mosip.auth.issuedTokens}.`);
  saw(`createPacket, process ${process}:`);
  show('  registration id', registrationId);
  for (const [name, value] of Object.entries(packet.fields)) {
    show(`  ${name}`, value.startsWith('[{') ? textOf(value) : value);
  }
  saw('workflowinstance: started.');
  return registrationId;
}

async function credentialArrives({ world, transaction, saw }: Stage): Promise<void> {
  const isCallback = isPostTo('/national-id/callback');
  const { status } = await transaction("the mediator has taken MOSIP's credential", isCallback);
  const delivery = world.router.received.find((request) => isCallback({ request }));
  const { credential } = Delivery.parse(JSON.parse(String(delivery?.body))).event.data;
  const sealed = Buffer.from(credential, 'base64');
  if (!sealed.subarray(0, SEALED_PREFIX.length).equals(SEALED_PREFIX)) throw new Error('the credential is not sealed');
  saw(`MOSIP's hub delivers ${sealed.length} bytes, encrypted (VER_R2): only the mediator's private key opens them.`);
  saw(`Its signature is right; OpenHIM: ${status}.`);
}

async function comesBack(stage: Stage, { event }: Registration, registrationId: string): Promise<void> {
  const { world, mediator, see, saw } = stage;
  const { countryConfig, records } = world.opencrvs;
  const { registrationNumber } = event;
  const write = await see(countryConfig, 'OpenCRVS has got the identity', () =>
    countryConfig.identities.get(registrationNumber),
  );
  const issued = world.mosip.issued.get(registrationId);
  const [record] = records.search(registrationNumber);
  const stored = record?.identifier?.find(({ type }) => type === 'MOSIP_PSUT_TOKEN_ID')?.value;
  if (issued?.vid === undefined || stored !== issued.vid) throw new Error('OpenCRVS holds another number than MOSIP');
  if (world.mosip.identities !== 1) throw new Error(`MOSIP made ${world.mosip.identities} identities of one birth`);
  await mediator.settled('birth');
  saw(`POST /mosip-openhim-mediator: ${JSON.stringify(write)}`);
  saw(`National ID (VID) ${issued.vid}, given by MOSIP, now stands in the record of ${registrationNumber}.`);
  saw('MOSIP holds one identity. The birth is settled.');
}

async function deathIsConfirmed(stage: Stage): Promise<void> {
  const { world, mediator, see, saw } = stage;
  const registrationId = await submitted(stage, 'CRVS_DEATH');
  const taken = await see(world.mosip, 'MOSIP has taken the death', () => world.mosip.issued.get(registrationId));
  await mediator.settled('death');
  if (taken.count !== 1) throw new Error(`MOSIP took one death ${taken.count} times`);
  saw('MOSIP confirms it, by a credential without numbers. OpenCRVS takes nothing back for a death on this way.');
  saw('The death is settled.');
}

/** Act two: a birth becomes an identity, a death ends one. Gives the id of the birth's event. */
export async function mainJob(stage: Stage): Promise<string> {
  const birth = invented.birth();
  const death = invented.death();
  if (stage.loseCredential) stage.world.mosip.dropCallbacks(1);

  const birthId = await stage.step(
    `A birth is registered: ${birth.name}, number ${birth.event.registrationNumber}`,
    () => deliver(stage, birth, 2),
  );
  const registrationId = await stage.step('MOSIP gets the birth', () => submitted(stage, 'CRVS_NEW'));
  await stage.step("MOSIP's encrypted credential arrives", () => credentialArrives(stage));
  await stage.step('The national ID arrives in OpenCRVS', () => comesBack(stage, birth, registrationId));
  await stage.step(`A death is registered: ${death.name}, number ${death.event.registrationNumber}`, () =>
    deliver(stage, death, 1),
  );
  await stage.step('MOSIP gets the death', () => deathIsConfirmed(stage));
  return birthId;
}
