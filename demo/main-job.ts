import type { Happening } from './opencrvs/part.js';
import type { Stage } from './stage.js';

/**
 * What the national ID system has counted must be this, however often anything was sent.
 *
 * @throws Error when it is not
 */
function mustHaveCounted({ nationalId }: Stage, expected: ReturnType<Stage['nationalId']['counts']>): void {
  const { identities, changes } = nationalId.counts();
  if (identities !== expected.identities || changes !== expected.changes) {
    throw new Error(`${nationalId.name} made ${identities} identities of one birth, and ${changes} changes`);
  }
}

async function comesBack(stage: Stage, birth: Happening, number: string): Promise<void> {
  const { mediator, nationalId, saw } = stage;
  if ((await birth.outcome(stage)) !== number) throw new Error('OpenCRVS holds another number than was given');
  mustHaveCounted(stage, { identities: 1, changes: 0 });
  await mediator.settled('birth');
  saw(`${nationalId.numberName} ${number} now stands in the record of ${birth.registrationNumber}.`);
  saw(`${nationalId.name} has made one identity. The birth is settled.`);
}

async function isConfirmed(stage: Stage, after: Happening): Promise<void> {
  const { mediator, nationalId, saw } = stage;
  await nationalId.change(stage, after);
  if ((await after.outcome(stage)) !== undefined) throw new Error(`OpenCRVS got a number for a ${after.kind}`);
  await mediator.settled(after.kind);
  mustHaveCounted(stage, { identities: 1, changes: 1 });
  saw(`The ${after.kind} is settled.`);
}

/** Act two: a birth becomes an identity, and what happens after it ends or changes one. Gives the id of the birth's event. */
export async function mainJob(stage: Stage): Promise<string> {
  const { nationalId } = stage;
  const { birth, after } = stage.opencrvs;
  const birthId = await stage.step(birth.title, () => birth.send(stage, 2));
  const number = await nationalId.issue(stage, birth);
  await stage.step('The national ID arrives in OpenCRVS', () => comesBack(stage, birth, number));
  await stage.step(after.title, () => after.send(stage, 1));
  await stage.step(`${nationalId.name} gets the ${after.kind}`, () => isConfirmed(stage, after));
  return birthId;
}
