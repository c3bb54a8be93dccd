import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import type { OutboundClient, TokenSource } from '../../outbound/index.js';
import { type Clock, isoNow } from '../../runtime/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { CallbackDoor } from '../port.js';
import { publish } from './hub.js';

export interface CredentialStatusDeps {
  readonly outbound: OutboundClient;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface CredentialStatusOptions {
  readonly hubUrl: string;
  /** Our partner id. */
  readonly publisher: string;
}

export interface CredentialStatus {
  /** The same reading of callbacks, and MOSIP is told how it went. That it cannot be told changes nothing. */
  reporting(read: CallbackDoor['read']): CallbackDoor['read'];
  stop(): Promise<void>;
}

const TOPIC = 'CREDENTIAL_STATUS_UPDATE';

/** The words of the integration before us (reference/mosip.md 1.2 step 12). */
type Status = 'served' | 'serving_error_decrypt';

/** Of a delivery what names MOSIP's request for the credential. */
const Delivery = z.object({ event: z.object({ transactionId: z.string().min(1) }) });

/** Publishes to the hub what became of each credential, as soon as it was read: by then we hold it durably. */
export function createCredentialStatus(
  deps: CredentialStatusDeps,
  { hubUrl, publisher }: CredentialStatusOptions,
): CredentialStatus {
  const { clock, log } = deps;
  const stopped = new AbortController();
  const underWay = new Set<Promise<void>>();

  const tell = async (rawBody: Uint8Array, status: Status): Promise<void> => {
    try {
      const { event } = Delivery.parse(JSON.parse(Buffer.from(rawBody).toString('utf8')));
      const now = isoNow(clock);
      const message = {
        publisher,
        topic: TOPIC,
        publishedOn: now,
        event: { id: randomUUID(), requestId: event.transactionId, status, timestamp: now, url: null },
      };
      await publish(deps, { hubUrl, topic: TOPIC, message }, stopped.signal);
    } catch (thrown) {
      // Errors of parsers quote what they parse.
      const err = thrown instanceof MediatorError ? thrown : new MediatorError('credential_unreadable');
      log.warn(
        { event: 'credential_status.not_told', peer: 'mosip-websub', err },
        'MOSIP was not told of a credential',
      );
    }
  };

  const inBackground = (rawBody: Uint8Array, status: Status): void => {
    const told = tell(rawBody, status).finally(() => underWay.delete(told));
    underWay.add(told);
  };

  return {
    reporting: (read) => async (rawBody) => {
      try {
        const answer = await read(rawBody);
        inBackground(rawBody, 'served');
        return answer;
      } catch (thrown) {
        // One that is tried again has not failed yet.
        const isOver = thrown instanceof MediatorError && thrown.disposition !== 'retry';
        if (isOver) inBackground(rawBody, 'serving_error_decrypt');
        throw thrown;
      }
    },
    async stop() {
      stopped.abort();
      await Promise.all(underWay);
    },
  };
}
