import { z } from 'zod';
import type { OsiaSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Clock } from '../../runtime/index.js';
import { registerOf, type VitalEvent } from '../../vital-events/index.js';
import { errorOf, readAnswer } from './answers.js';
import type { OsiaClient } from './osia-client.js';

/** OSIA's names of the notifications that we have something for (notification interface 1.2). */
type TopicName = 'liveBirth' | 'death' | 'birthCancellation';

const Topic = z.object({ uuid: z.string().regex(/^[\w-]{1,64}$/) });

/** What OSIA tells others about an event; nothing where it has no topic for it. */
function topicOf(event: VitalEvent): TopicName | undefined {
  if (event.kind === 'birth') return 'liveBirth';
  if (event.kind === 'death') return 'death';
  if (event.kind === 'cancellation' && registerOf(event) === 'birth') return 'birthCancellation';
  return event.kind === 'reinstatement' && registerOf(event) === 'death' ? 'death' : undefined;
}

function parentsOf({ mother, father }: VitalEvent): Record<string, string> {
  const numbers = [mother, father].flatMap(
    (parent) => parent?.identifiers.find(({ type }) => type === 'NATIONAL_ID')?.value ?? [],
  );
  return Object.fromEntries(numbers.map((uin, index) => [`uin${index + 1}`, uin]));
}

/** Tells those who have subscribed that something happened to a person. May tell it twice, as OSIA allows. */
export type Publish = (event: VitalEvent, uin: string, signal: AbortSignal) => Promise<void>;

/**
 * Publishes at OSIA's notification engine, or nothing where the settings name no source. A topic is created when it is
 * first needed, which is idempotent.
 *
 * The function throws MediatorError what a failed call stands for.
 */
export function createPublish(
  { client, clock }: { readonly client: OsiaClient; readonly clock: Clock },
  { notifyAs }: Pick<OsiaSettings, 'notifyAs'>,
): Publish {
  const topics = new Map<TopicName, string>();

  const createTopic = async (name: TopicName, signal: AbortSignal): Promise<string> => {
    const known = topics.get(name);
    if (known !== undefined) return known;
    const response = await client({
      operation: 'createTopic',
      service: 'notification',
      method: 'POST',
      path: '/v1/topics',
      query: { name },
      signal,
    });
    if (response.status !== 200) throw errorOf(response, clock.now());
    const { uuid } = readAnswer(Topic, response);
    topics.set(name, uuid);
    return uuid;
  };

  return async (event, uin, signal) => {
    const name = topicOf(event);
    if (notifyAs === undefined || name === undefined) return;
    const message = { source: notifyAs, uin, ...(name === 'liveBirth' ? parentsOf(event) : {}) };
    const uuid = await createTopic(name, signal);
    const response = await client({
      operation: 'publish',
      service: 'notification',
      method: 'POST',
      path: '/v1/topics/{uuid}/publish',
      ids: { uuid },
      query: { subject: name },
      text: JSON.stringify(message),
      signal,
    });
    if (response.status === 200) return;
    // Whatever is wrong with it, the topic may have been deleted since: the next try asks for it anew.
    topics.delete(name);
    if (response.status === 404) throw new MediatorError('peer_error', { message: 'The topic is gone.' });
    throw errorOf(response, clock.now());
  };
}
