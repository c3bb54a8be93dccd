import { z } from 'zod';
import type { ReplyAddress } from '../vital-events/index.js';
import type { VerifiedToken } from './token-verifier.js';

const Text = z.string().min(1);

/** The actions of OpenCRVS 1.9 and later that the mediator takes, and answers (reference/opencrvs.md 6). */
export const EVENT_ACTIONS = [
  'REGISTER',
  'APPROVE_CORRECTION',
  'REVOKE_REGISTRATION',
  'REINSTATE_REGISTRATION',
] as const;

export const EventAction = z.enum(EVENT_ACTIONS);
export type EventAction = z.infer<typeof EventAction>;

/** A pending action of the events service, and the token with which alone it can be answered. */
export const EventsReply = z.object({
  via: z.literal('events'),
  eventId: Text,
  actionId: Text,
  action: EventAction,
  /** Of a correction: the action in which it was requested. */
  requestId: Text.optional(),
  token: Text,
  /** Of a registration: the number to give it, where it is another than the event's own. */
  registrationNumber: Text.optional(),
});

/** A FHIR record that waits at the GraphQL gateway, and the token for this one record. */
export const GraphqlReply = z.object({ via: z.literal('graphql'), recordId: Text, token: Text });

/** Where OpenCRVS waits for an answer: what `ReplyAddress.to` holds for every door of OpenCRVS. */
export const ReplyTo = z.discriminatedUnion('via', [EventsReply, GraphqlReply]);

export type EventsReply = z.infer<typeof EventsReply>;
export type GraphqlReply = z.infer<typeof GraphqlReply>;
export type ReplyTo = z.infer<typeof ReplyTo>;

/** The reply address of a pending action. */
export function eventsReplyAddress(
  { token, claims }: VerifiedToken,
  action: Omit<EventsReply, 'via' | 'token'>,
): ReplyAddress {
  const to: EventsReply = { via: 'events', ...action, token };
  return { to, revision: action.actionId, before: claims.exp * 1000 };
}

/** The reply address of a FHIR record; a later request for an answer comes with a later token. */
export function graphqlReplyAddress({ token, claims }: VerifiedToken, recordId: string): ReplyAddress {
  const to: GraphqlReply = { via: 'graphql', recordId, token };
  return { to, revision: `${recordId}:${claims.iat}`, before: claims.exp * 1000 };
}
