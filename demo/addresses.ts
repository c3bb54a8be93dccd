import { FHIR_CLIENT, INBOUND } from '../test/support/world.js';
import type { Stage } from './stage.js';

const user = (name: string, password: string): string => `--user '${name}:${password}' `;

/** Where everything is while the demo stays up, each with a command to try. The passwords are the demo's own. */
export function sayAddresses({ world, mediator, say }: Stage, patientId: string | undefined): void {
  const { core, router } = world;
  const always: readonly (readonly [string, string])[] = [
    ['mediator', `curl ${user(INBOUND.username, INBOUND.password)}${mediator.url}/fhir/metadata`],
    ['readiness', `curl ${mediator.url}/health/ready`],
    ['metrics', `curl ${mediator.url}/metrics`],
    ['OpenHIM API', `curl ${user(core.username, core.password)}${core.url}/mediators`],
  ];
  const patient = `curl ${user(FHIR_CLIENT.id, FHIR_CLIENT.password)}${router.url}/fhir/Patient/${patientId}`;
  const places = patientId === undefined ? always : [...always, ['OpenHIM router', patient] as const];
  say('');
  say('Everything stays up until Ctrl-C. To look around:');
  for (const [place, command] of places) say(`    ${place.padEnd(15)} ${command}`);
}
