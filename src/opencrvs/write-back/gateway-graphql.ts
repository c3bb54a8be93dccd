import { z } from 'zod';
import type { Mapping } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { GraphqlReply } from '../replies.js';
import type { GatewayCall } from './gateway-call.js';
import { type GatewayRecord, openRecord, type RecordState } from './gateway-record.js';
import type { Delivery, DeliveryResult, WriteBack } from './port.js';

export const GATEWAY_GRAPHQL_MAPPING = 'opencrvs/gateway-graphql.jsonata';

/** What the gateway takes for a child; those of registrations and links to other records are its own. */
const IDENTIFIER_CODES = [
  'NATIONAL_ID',
  'PASSPORT',
  'DRIVING_LICENSE',
  'REFUGEE_NUMBER',
  'ALIEN_NUMBER',
  'SOCIAL_SECURITY_NO',
  'OTHER',
  'BIRTH_CONFIGURABLE_IDENTIFIER_1',
  'BIRTH_CONFIGURABLE_IDENTIFIER_2',
  'BIRTH_CONFIGURABLE_IDENTIFIER_3',
] as const;

const Written = z.strictObject({
  identifiers: z.array(z.strictObject({ type: z.enum(IDENTIFIER_CODES), value: z.string().min(1) })).default([]),
  comment: z.string().min(1).optional(),
});

const DELIVERED: DeliveryResult = { result: 'delivered' };
const notOffered = (note: string): DeliveryResult => ({ result: 'not-offered', note });
const refused = (message: string): MediatorError => new MediatorError('write_back_refused', { message });

const isWaiting = ({ status, registrationNumber }: RecordState): boolean =>
  registrationNumber === undefined && status === 'WAITING_VALIDATION';

/**
 * OpenCRVS 1.7 to 1.9, records in FHIR: the answer to a record that waits for external validation, given at the GraphQL
 * gateway with that record's token. The gateway repeats whatever it is asked to repeat, so each delivery first looks
 * what is left to do.
 */
export function createGatewayGraphqlWriteBack(call: GatewayCall, mapping: Mapping): WriteBack {
  const written = async ({ event, outcome, outwardKey }: Delivery): Promise<z.infer<typeof Written>> => {
    const identity = outcome.result === 'issued' ? outcome.identity : {};
    const result = Written.safeParse((await mapping.apply({ event, identity, outwardKey })) ?? {});
    if (result.success) return result.data;
    throw new MediatorError('mapping_failed', {
      message: `The result of ${GATEWAY_GRAPHQL_MAPPING} is not an object of identifiers, with codes that OpenCRVS takes, and a comment.`,
    });
  };

  const confirm = async (delivery: Delivery, record: GatewayRecord): Promise<DeliveryResult> => {
    const { kind, registrationNumber } = delivery.event;
    const { identifiers, comment } = await written(delivery);
    const state = await record.read();
    if (isWaiting(state)) {
      await record.confirm({ registrationNumber, identifiers, comment });
      return DELIVERED;
    }
    if (state.registrationNumber === undefined) throw refused('The record does not wait for confirmation any more.');
    if (state.registrationNumber !== registrationNumber) throw refused('The record has another registration number.');
    // Registered already. OpenCRVS drops the identifiers in the confirmation of a death; here too they are of births.
    const missing = kind === 'birth' ? identifiers.filter((wanted) => !holds(state, wanted)) : [];
    for (const identifier of missing) await record.addIdentifier(identifier);
    return DELIVERED;
  };

  const reject = async (reason: string, code: string, record: GatewayRecord): Promise<DeliveryResult> => {
    const state = await record.read();
    if (state.status === 'REJECTED') return DELIVERED;
    if (!isWaiting(state)) return notOffered('The record does not wait any more: it takes no refusal.');
    try {
      await record.reject({ reason, comment: code });
      return DELIVERED;
    } catch (thrown) {
      if (!(thrown instanceof MediatorError) || thrown.code !== 'write_back_refused') throw thrown;
      // 1.7 to 1.9 as they are: the record's token lacks a scope that their own rejection asks for.
      return notOffered('This OpenCRVS lets no refusal in: the record waits on until a registrar acts.');
    }
  };

  return {
    kind: 'gateway-graphql',
    async deliver(delivery) {
      const { event, outcome, replyTo, signal } = delivery;
      if (event.kind !== 'birth' && event.kind !== 'death') {
        return notOffered('The GraphQL gateway of OpenCRVS takes answers to registrations only.');
      }
      if (replyTo === undefined) {
        return notOffered('The event came without the token of its record, and without it the gateway takes nothing.');
      }
      const reply = GraphqlReply.safeParse(replyTo);
      if (!reply.success) throw refused('OpenCRVS waits for this answer elsewhere: OPENCRVS_WRITE_BACK does not fit.');
      const record = openRecord(call, reply.data, signal);
      return outcome.result === 'refused'
        ? reject(outcome.reason || outcome.code, outcome.code, record)
        : confirm(delivery, record);
    },
  };
}

function holds({ identifiers }: RecordState, { type, value }: { type: string; value: string }): boolean {
  return identifiers.some((present) => present.type === type && present.value === value);
}
