import { z } from 'zod';
import type { World } from '../../test/support/world.js';
import type { Happening } from '../opencrvs/part.js';
import { isPostTo, type Stage } from '../stage.js';
import type { NationalIdPart } from './part.js';

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

async function subscribe({ world, see, saw }: Stage): Promise<void> {
  const { mosip } = world;
  await see(mosip, "MOSIP's hub has the subscription", () => (mosip.hub.subscribers === 1 ? true : undefined));
  saw("Subscribed at MOSIP's hub, which has asked back too. It is asked again every few minutes: the hub may forget.");
}

/** Waits for the packet of an event and its workflow; gives the registration id. */
async function submitted({ world, see, saw, show }: Stage, { kind }: Happening): Promise<string> {
  const { mosip } = world;
  const process = PROCESSES[kind];
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

/** MOSIP: packets, and credentials that come later. What it issued is in the world. */
export function mosipPart({ mosip, mosipEnvironment }: World): NationalIdPart {
  /** The registration id of what came after the birth. */
  let changed: string | undefined;
  return {
    name: 'MOSIP',
    numberName: 'National ID (VID)',
    environment: mosipEnvironment,
    async connect(stage) {
      if (stage.loseCredential) mosip.dropCallbacks(1);
      await stage.step("It subscribes to MOSIP's answers", () => subscribe(stage));
    },
    async issue(stage, birth) {
      const registrationId = await stage.step('MOSIP gets the birth', () => submitted(stage, birth));
      await stage.step("MOSIP's encrypted credential arrives", () => credentialArrives(stage));
      const { vid } = mosip.issued.get(registrationId) ?? {};
      if (vid === undefined) throw new Error('MOSIP issued no VID');
      return vid;
    },
    async change(stage, after) {
      const registrationId = await submitted(stage, after);
      await stage.see(mosip, `MOSIP has taken the ${after.kind}`, () => mosip.issued.get(registrationId));
      stage.saw('MOSIP confirms it.');
      changed = registrationId;
    },
    counts: () => ({
      identities: mosip.identities,
      changes: changed === undefined ? 0 : (mosip.issued.get(changed)?.count ?? 0),
    }),
    async stop() {},
  };
}
