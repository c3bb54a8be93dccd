import { OsiaPeer } from '../../test/peers/osia-peer.js';
import type { StoredPerson } from '../../test/peers/osia-population.js';
import type { Happening } from '../opencrvs/part.js';
import type { Stage } from '../stage.js';
import { type Holder, holdsTitle } from './holder.js';
import type { NationalIdPart } from './part.js';
import { tellCall } from './tell-call.js';

const CLIENT = { clientId: 'national-id-mediator', clientSecret: 'osia-secret-of-the-demo' } as const;
const NAME = 'The OSIA system';

const stateOf = ({ state }: StoredPerson): string => `${state.status}, ${state.physicalStatus}`;

/** OSIA 7.1: a number and a person, in calls that answer at once (reference/mosip.md 7.1). */
export async function osiaPart(holder: Holder): Promise<NationalIdPart> {
  const osia = await new OsiaPeer(CLIENT).start();
  const { population, notification } = osia;
  const held = population.add(holder.number, { firstName: holder.given.join(' '), lastName: holder.family });

  /** The number in what was published to a topic: the last thing that is done about an event. */
  const published = ({ see }: Stage, topic: 'liveBirth' | 'death', awaited: string): Promise<unknown> =>
    see(osia, awaited, () => notification.published.find((one) => one.topic === topic)?.message);

  const issued = async (stage: Stage, { registrationNumber }: Happening): Promise<string> => {
    const { saw } = stage;
    const message = await published(stage, 'liveBirth', 'the OSIA system has entered the birth and told others of it');
    const [search] = osia.requestsTo('/v1/persons');
    const [question] = osia.requestsTo('/v1/uin');
    const [number] = osia.uins;
    const person = population.get(number ?? '');
    if (search === undefined || question === undefined || number === undefined || person === undefined) {
      throw new Error('the OSIA system has not got the calls of a birth');
    }
    if (population.attributesOf(person)['birthRegistrationNumber'] !== registrationNumber) {
      throw new Error('the OSIA system holds the number for another registration');
    }
    saw(`POST /v1/persons: is ${registrationNumber} there already? It is not.`);
    tellCall(stage, 'POST /v1/uin', question);
    saw(`Answer: ${number}.`);
    saw(`POST /v1/persons/${number}: ${stateOf(person)}.`);
    for (const { identityType, status } of person.identities.values()) {
      saw(`POST /v1/persons/${number}/identities/{id}: ${identityType}, ${status}; PUT .../reference.`);
    }
    saw(`Notification liveBirth: ${JSON.stringify(message)}`);
    return number;
  };

  return {
    name: NAME,
    numberName: 'National ID (UIN)',
    environment: {
      NATIONAL_ID_SYSTEM: 'osia',
      OSIA_BASE_URL: osia.baseUrl,
      OSIA_TOKEN_URL: osia.tokenUrl,
      OSIA_CLIENT_ID: CLIENT.clientId,
      OSIA_CLIENT_SECRET: CLIENT.clientSecret,
      OSIA_NOTIFY: 'true',
    },
    connect: (stage) => stage.step(holdsTitle(NAME, holder), async () => stage.saw(`State: ${stateOf(held)}.`)),
    issue: (stage, birth) => stage.step(`${NAME} gets the birth`, () => issued(stage, birth)),
    async change(stage, { kind }) {
      const message = await published(stage, 'death', 'the OSIA system has taken the death and told others of it');
      const update = osia.received.find(({ method, path }) => method === 'PUT' && path.endsWith(`/${holder.number}`));
      if (update === undefined) throw new Error(`the OSIA system has no ${kind} of its holder`);
      tellCall(stage, `PUT /v1/persons/${holder.number}`, update);
      stage.saw(`State: ${stateOf(held)}.`);
      stage.saw(`Notification death: ${JSON.stringify(message)}`);
    },
    counts: () => ({
      identities: osia.uins.length,
      changes: notification.published.filter(({ topic }) => topic === 'death').length,
    }),
    stop: () => osia.stop(),
  };
}
