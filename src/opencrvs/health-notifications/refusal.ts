import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundResponse, readJson } from '../../outbound/index.js';

/** The framework's form of an error. Its message may quote the document: only its kind is told on. */
const Fault = z.object({ statusCode: z.number(), message: z.string().default('') });

/**
 * What OpenCRVS finds wrong with the content of a notification, by a word of its message. From 1.3 on it says so with
 * status 500 (core@v1.7.0, gateway eventNotificationHandler.ts).
 */
const FINDINGS: readonly { readonly sign: RegExp; readonly words: string }[] = [
  { sign: /office/i, words: 'the office (extension regLastOffice of the Task) is missing or unknown' },
  { sign: /country/i, words: 'an address has a country code that it does not know' },
  { sign: /hierarchy/i, words: 'the places of an address do not lie within each other' },
  { sign: /encounter/i, words: 'the Encounter or its location is missing or unknown' },
  { sign: /location/i, words: 'a place in an address is unknown' },
  { sign: /no person/i, words: 'there is no Patient in it' },
  { sign: /extensions? not found/i, words: 'the Task has no extensions' },
];

function faultOf(response: OutboundResponse): z.infer<typeof Fault> | undefined {
  try {
    return Fault.safeParse(readJson(response)).data;
  } catch {
    // No JSON: a fault of something in between.
    return undefined;
  }
}

/** The error for an answer that is no success; undefined for one that is. */
export function refusalOf(response: OutboundResponse, nowMs: number): MediatorError | undefined {
  const fault = faultOf(response);
  // 1.2 to 1.4 pass the answer of the service behind on with status 200, whatever it was.
  const status = fault?.statusCode ?? response.status;
  if (status === 200) return undefined;
  const finding = FINDINGS.find(({ sign }) => sign.test(fault?.message ?? ''));
  switch (status) {
    case 400:
      return new MediatorError('payload_invalid', {
        message: `OpenCRVS does not take the notification: ${finding?.words ?? 'its form is not the expected one'}.`,
      });
    case 403:
      return new MediatorError('peer_misconfigured', {
        message: 'The OpenCRVS token may not send notifications: the system client must be of type HEALTH.',
      });
    case 404:
      return new MediatorError('peer_misconfigured', {
        message: 'OpenCRVS takes no notifications at OPENCRVS_NOTIFICATION_URL: 1.2 to 1.9 do, at the gateway.',
      });
    case 500:
      if (finding === undefined) break;
      return new MediatorError('payload_invalid', {
        message: `OpenCRVS does not take the notification: ${finding.words}.`,
      });
  }
  return (
    errorForStatus({ ...response, status }, nowMs) ??
    new MediatorError('peer_error', { message: `OpenCRVS answered HTTP ${status} to a notification.` })
  );
}
