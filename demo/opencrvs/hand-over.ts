import { z } from 'zod';
import type { World } from '../../test/support/world.js';
import type { Stage } from '../stage.js';

const Acknowledgement = z.object({ id: z.string() });

export interface Answer {
  readonly status: number | undefined;
  readonly body: string | undefined;
}

/**
 * Tells the one answer that every delivery of an event got, and gives the event's id.
 *
 * @throws Error when the answers differ or are not the one expected
 */
export function oneAnswer(
  { saw }: Pick<Stage, 'saw'>,
  answers: readonly Answer[],
  { sent, status }: { readonly sent: string; readonly status: number },
): string {
  const different = new Set(answers.map((answer) => `${answer.status} ${answer.body}`));
  const [first] = answers;
  if (different.size !== 1 || first?.status !== status) {
    throw new Error(`OpenCRVS was answered ${[...different].join(', ')}`);
  }
  const { id } = Acknowledgement.parse(JSON.parse(first.body ?? ''));
  saw(answers.length === 1 ? `${sent}. Answer:` : `${sent}, and sent again, as may happen. The same answer twice:`);
  saw(`  HTTP ${status}, event ${id}.`);
  return id;
}

/** Takes from the mediator what only an OpenCRVS with webhooks needs, and gives it a gateway to answer at. */
export function gatewayEnvironment(url: string, writeBack: 'gateway-graphql' | 'events') {
  return {
    OPENCRVS_WEBHOOKS_URL: '',
    OPENCRVS_CLIENT_ID: '',
    OPENCRVS_CLIENT_SECRET: '',
    OPENCRVS_SHA_SECRET: '',
    OPENCRVS_GATEWAY_URL: url,
    OPENCRVS_WRITE_BACK: writeBack,
  };
}

export interface Forwarded {
  readonly body: unknown;
  readonly token: string;
}

/**
 * What a country configuration does from 1.7 on (docs/forwarder.md): it passes OpenCRVS's question on as it came, and
 * OpenCRVS waits. Straight to the mediator, as OpenHIM would keep the token. Gives the event's id.
 */
export async function forward(stage: Stage, { body, token }: Forwarded, times: 1 | 2): Promise<string> {
  const answers: Answer[] = [];
  for (let time = 0; time < times; time += 1) {
    const response = await fetch(`${stage.mediator.url}/opencrvs/registrations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    answers.push({ status: response.status, body: await response.text() });
  }
  const id = oneAnswer(stage, answers, { sent: 'Forwarded with the token for it alone', status: 202 });
  stage.saw(`OpenCRVS waits. The mediator has asked for its public key ${timesAsked(stage.world)} so far.`);
  return id;
}

function timesAsked({ opencrvs }: World): string {
  const asked = opencrvs.auth.received.filter(({ path }) => path === '/.well-known').length;
  return asked === 1 ? 'once' : `${asked} times`;
}
