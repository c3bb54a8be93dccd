import { join } from 'node:path';
import { z } from 'zod';
import { type RegistryPerson, RestRegistryPeer } from '../../test/peers/rest-registry-peer.js';
import type { World } from '../../test/support/world.js';
import { isPostTo, type Stage } from '../stage.js';
import { type Holder, holdsTitle } from './holder.js';
import type { NationalIdPart } from './part.js';
import { tellCall } from './tell-call.js';

const CONFIG_FILE = join(import.meta.dirname, '../../config/rest/registry.yaml');
const SECRETS = {
  REGISTRY_CLIENT_ID: 'national-id-mediator',
  REGISTRY_CLIENT_SECRET: 'registry-secret-of-the-demo',
  REGISTRY_CALLBACK_KEY: 'callback-key-of-the-demo',
} as const;
const NAME = 'The registry';
const CALLBACK = '/national-id/callback';

const Application = z.object({ reference: z.string() });

/** What says whether the person lives, as the registry holds it. */
function stateOf({ state, diedOn }: RegistryPerson): string {
  return diedOn === undefined ? state : `${state}, died on ${diedOn}`;
}

/** A registry with an interface of its own, which `config/rest/registry.yaml` describes. A clerk decides each birth. */
export async function registryPart({ router }: World, holder: Holder): Promise<NationalIdPart> {
  const registry = await new RestRegistryPeer({
    clientId: SECRETS.REGISTRY_CLIENT_ID,
    clientSecret: SECRETS.REGISTRY_CLIENT_SECRET,
    callbackKey: SECRETS.REGISTRY_CALLBACK_KEY,
    decides: false,
  }).start();
  registry.callbackUrl = `${router.url}${CALLBACK}`;
  const { number, given, family, gender, birthDate } = holder;
  const sex = gender === 'male' ? 'M' : 'F';
  registry.add({ number, givenNames: [...given], familyName: family, sex, dateOfBirth: birthDate });

  const held = (): RegistryPerson => {
    const person = registry.persons.find((one) => one.number === number);
    if (person === undefined) throw new Error('the registry has lost its holder');
    return person;
  };
  const born = (): readonly RegistryPerson[] => registry.persons.filter((one) => one.number !== number);

  /** Gives the reference of the application. */
  const applied = async (stage: Stage): Promise<string> => {
    const [request] = await stage.see(registry, 'the registry has an application', () => {
      const found = registry.requestsTo('/v1/applications');
      return found.length > 0 ? found : undefined;
    });
    if (request === undefined) throw new Error('the registry has no application');
    tellCall(stage, `POST /v1/applications, Idempotency-Key ${request.headers['idempotency-key']}`, request);
    stage.saw('Answer: HTTP 202, it waits.');
    return Application.parse(JSON.parse(request.body.toString('utf8'))).reference;
  };

  /** Gives the number that was granted. */
  const granted = async (stage: Stage, reference: string): Promise<string> => {
    await registry.decide(reference, 'granted');
    const isCallback = isPostTo(CALLBACK);
    const { status } = await stage.transaction("the mediator has taken the registry's call", isCallback);
    const call = router.received.find((request) => isCallback({ request }));
    const [child] = born();
    if (call === undefined || child === undefined) throw new Error('the registry granted nothing');
    tellCall(stage, `POST ${CALLBACK}, signed ${String(call.headers['x-registry-signature']).slice(0, 15)}...`, call);
    stage.saw(`Its signature is right; OpenHIM: ${status}.`);
    return child.number;
  };

  return {
    name: NAME,
    numberName: 'National ID',
    environment: {
      NATIONAL_ID_SYSTEM: 'rest',
      REST_CONFIG_FILE: CONFIG_FILE,
      REST_BASE_URL: registry.baseUrl,
      ...SECRETS,
    },
    connect: (stage) => stage.step(holdsTitle(NAME, holder), async () => stage.saw(`State: ${stateOf(held())}.`)),
    async issue(stage) {
      const reference = await stage.step(`${NAME} gets the birth, as an application`, () => applied(stage));
      return stage.step(`A clerk grants it; ${NAME.toLowerCase()} says so in a signed call`, () =>
        granted(stage, reference),
      );
    },
    async change(stage, { kind }) {
      const [request] = await stage.see(registry, `the registry has taken the ${kind}`, () =>
        held().state === 'ended' ? registry.requestsTo(`/persons/${number}/end`) : undefined,
      );
      if (request === undefined) throw new Error(`the registry was sent no ${kind}`);
      tellCall(stage, `POST /v1/persons/${number}/end`, request);
      stage.saw(`State: ${stateOf(held())}.`);
    },
    counts: () => ({ identities: born().length, changes: registry.requestsTo(`/persons/${number}/end`).length }),
    stop: () => registry.stop(),
  };
}
