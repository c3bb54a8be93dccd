import { z } from 'zod';
import type { Happening } from './opencrvs/part.js';
import { isPostTo, type Stage } from './stage.js';

const Delivery = z.object({ event: z.object({ data: z.object({ credential: z.string() }) }) });
const Texts = z.array(z.object({ value: z.string() }));

/** The form in which MOSIP encrypts begins with this word (reference/mosip.md 3). */
const SEALED_PREFIX = Buffer.from('VER_R2');

/** The process of MOSIP for each kind of event (reference/mosip.md 1.1). */
const PROCESSES = { birth: 'CRVS_NEW', death: 'CRVS_DEATH', correction: 'CRVS_UPDATE' } as const;

/** The text of a field whose value is JSON with languages. */
function textOf(field: string | undefined): string {
  return Texts.parse(JSON.parse(field ?? '[]'))[0]?.value ?? '';
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

function countIdentities({ world }: Stage): void {
  if (world.mosip.identities !== 1) throw new Error(`MOSIP made ${world.mosip.identities} identities of one birth`);
}

async function comesBack(stage: Stage, birth: Happening, registrationId: string): Promise<void> {
  const { world, mediator, saw } = stage;
  const held = await birth.outcome(stage);
  const issued = world.mosip.issued.get(registrationId);
  if (issued?.vid === undefined || held !== issued.vid) throw new Error('OpenCRVS holds another number than MOSIP');
  countIdentities(stage);
  await mediator.settled('birth');
  saw(`National ID (VID) ${held}, given by MOSIP, now stands in the record of ${birth.registrationNumber}.`);
  saw('MOSIP holds one identity. The birth is settled.');
}

async function isConfirmed(stage: Stage, happening: Happening): Promise<void> {
  const { world, mediator, see, saw } = stage;
  const { kind } = happening;
  const registrationId = await submitted(stage, PROCESSES[kind]);
  const taken = await see(world.mosip, `MOSIP has taken the ${kind}`, () => world.mosip.issued.get(registrationId));
  saw('MOSIP confirms it.');
  if ((await happening.outcome(stage)) !== undefined) throw new Error(`OpenCRVS got a number for a ${kind}`);
  await mediator.settled(kind);
  if (taken.count !== 1) throw new Error(`MOSIP took one ${kind} ${taken.count} times`);
  countIdentities(stage);
  saw(`The ${kind} is settled.`);
}

/** Act two: a birth becomes an identity, and what happens after it ends or changes one. Gives the id of the birth's event. */
export async function mainJob(stage: Stage): Promise<string> {
  const { birth, after } = stage.opencrvs;
  if (stage.loseCredential) stage.world.mosip.dropCallbacks(1);

  const birthId = await stage.step(birth.title, () => birth.send(stage, 2));
  const registrationId = await stage.step('MOSIP gets the birth', () => submitted(stage, PROCESSES.birth));
  await stage.step("MOSIP's encrypted credential arrives", () => credentialArrives(stage));
  await stage.step('The national ID arrives in OpenCRVS', () => comesBack(stage, birth, registrationId));
  await stage.step(after.title, () => after.send(stage, 1));
  await stage.step(`MOSIP gets the ${after.kind}`, () => isConfirmed(stage, after));
  return birthId;
}
