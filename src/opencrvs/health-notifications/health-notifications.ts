import { z } from 'zod';
import { MediatorError, toMediatorError } from '../../errors/index.js';
import {
  type OutboundClient,
  type OutboundResponse,
  readJson,
  serviceUrl,
  type TokenSource,
  withToken,
} from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { FhirReads } from '../fhir-reads.js';
import { openBundle, referencedId } from '../readers/bundle.js';
import { readTask } from '../readers/task.js';
import type { Notification } from './notification.js';
import { refusalOf } from './refusal.js';

export interface HealthNotificationsDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of a system client of type HEALTH. */
  readonly tokens: TokenSource;
  /** Reads the tracking id where the answer does not hold it (1.2 to 1.4); absent where there are no FHIR reads. */
  readonly fhir: FhirReads | undefined;
}

/** What OpenCRVS made of a notification, as far as it tells. */
export interface NotificationReceipt {
  readonly trackingId?: string | undefined;
  readonly recordId?: string | undefined;
}

/** Passes birth and death notifications of health systems to OpenCRVS 1.2 to 1.9. */
export interface HealthNotifications {
  /**
   * Each call makes a new record: OpenCRVS recognises no repetition.
   *
   * @throws MediatorError `payload_invalid` when OpenCRVS does not take the content; `peer_…` codes, their message
   *   saying so where it is not known whether it took it
   */
  send(notification: Notification, signal: AbortSignal): Promise<NotificationReceipt>;
}

/** OpenCRVS looks up every place of every address before it answers. */
const TIMEOUT_MS = 30_000;

/** What Hearth answers to a bundle, passed on by 1.2 to 1.4: where each entry was stored. */
const Stored = z.object({
  resourceType: z.literal('Bundle'),
  entry: z.array(z.object({ response: z.object({ location: z.string() }) })),
});

const storedId = (type: 'Composition' | 'Task', { entry }: z.infer<typeof Stored>): string | undefined =>
  entry.map(({ response }) => referencedId(type, response.location)).find((id) => id !== undefined);

/** The receipt in a record, or in a Task alone. */
function receiptIn(payload: unknown): NotificationReceipt | undefined {
  const bundle = openBundle(payload);
  const task = bundle && readTask(bundle, undefined);
  return task && { trackingId: task.trackingId, recordId: task.recordId };
}

/** A call that ended without an answer may have made a record all the same. */
function withDoubt(thrown: unknown): MediatorError {
  const error = toMediatorError(thrown);
  if (!error.unanswered || error.code === 'peer_circuit_open') return error;
  const message = `${error.message} It is not known whether OpenCRVS took the notification: look there before sending it again.`;
  return new MediatorError(error.code, { message, cause: error, unanswered: true });
}

/** `url` is the gateway's; `/notification` hangs below it. */
export function createHealthNotifications(deps: HealthNotificationsDeps, url: string): HealthNotifications {
  const { outbound, clock, log, tokens, fhir } = deps;

  const post = async (notification: Notification, token: string, signal: AbortSignal): Promise<OutboundResponse> => {
    try {
      return await outbound.send({
        peer: 'opencrvs-gateway',
        operation: 'notify',
        method: 'POST',
        url: serviceUrl(url, '/notification'),
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(notification),
        timeoutMs: TIMEOUT_MS,
        signal,
      });
    } catch (thrown) {
      throw withDoubt(thrown);
    }
  };

  /** The record is made by now: what cannot be found out about it is left out. */
  const lookUp = async (stored: z.infer<typeof Stored>, signal: AbortSignal): Promise<NotificationReceipt> => {
    const recordId = storedId('Composition', stored);
    const taskId = storedId('Task', stored);
    if (fhir === undefined || taskId === undefined) return { recordId };
    try {
      const task = await fhir.read('Task', taskId, signal);
      return { recordId, ...receiptIn({ resourceType: 'Bundle', entry: [{ resource: task }] }) };
    } catch (err) {
      log.warn({ event: 'notification.tracking_id_unknown', err }, 'the tracking id of a notification cannot be read');
      return { recordId };
    }
  };

  return {
    async send(notification, signal) {
      const response = await withToken(tokens, (token) => post(notification, token, signal));
      const refusal = refusalOf(response, clock.now());
      if (refusal !== undefined) throw refusal;
      const body = readJson(response);
      const stored = Stored.safeParse(body);
      const receipt = stored.success ? await lookUp(stored.data, signal) : receiptIn(body);
      if (receipt !== undefined) return receipt;
      throw new MediatorError('peer_response_invalid', {
        message: 'OpenCRVS answered to a notification, but not with a record: look there before sending it again.',
      });
    },
  };
}
