import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import type { Standing, Submission } from '../port.js';
import type { EnvelopeAnswer } from './envelope.js';
import type { IdentityRepository } from './identity-repository.js';
import type { ServiceCaller } from './service-client.js';

/** The registration processor has no registration with this id. */
const RID_NOT_FOUND = 'RPR-RGS-031';

/** `REREGISTER`: processing has failed for good. The others are on their way, or wait for somebody in MOSIP. */
const REJECTIONS: Readonly<Record<string, string>> = {
  REJECTED: 'MOSIP has rejected the registration.',
  REREGISTER: 'MOSIP could not process the registration and wants it to be registered again.',
};

const Registrations = z.array(z.object({ registrationId: z.string(), statusCode: z.string().nullish() }));

/** The status that MOSIP gives for the id; undefined when it knows no such registration. */
function statusIn({ content, errorCodes }: EnvelopeAnswer, registrationId: string): string | undefined {
  if (errorCodes.length > 0 && errorCodes.every((code) => code === RID_NOT_FOUND)) return undefined;
  const [code] = errorCodes;
  if (code !== undefined) throw new MediatorError('peer_error', { message: `MOSIP answered ${code}.` });
  const parsed = Registrations.safeParse(content);
  const found = parsed.data?.find((one) => one.registrationId === registrationId);
  // Neither an error nor the registration: what this says about it is not known.
  if (found === undefined) throw new MediatorError('peer_response_invalid');
  return found.statusCode ?? 'PROCESSING';
}

export interface StatusDeps {
  readonly call: ServiceCaller;
  /** Where the number of a processed birth is read; absent: it comes by credential only. */
  readonly repository?: IdentityRepository | undefined;
}

/**
 * Asks the registration processor where a registration stands (reference/mosip.md 1.4, status polling). A birth that is
 * processed is still `pending`, as its number comes by credential, unless it is read in the repository. Nothing else has
 * a number to wait for.
 */
export function createStatus(
  { call, repository }: StatusDeps,
  options: { readonly statusUrl: string },
): (submission: Submission) => Promise<Standing> {
  const numberOf = async (registrationId: string, signal: AbortSignal): Promise<Standing> => {
    const record = await repository?.read({ id: registrationId, idType: 'ID' }, signal);
    return typeof record === 'object'
      ? { result: 'issued', identity: { nationalId: record.uin } }
      : { result: 'pending' };
  };

  return async ({ event, outwardKey: registrationId, signal }) => {
    const status = await call(
      {
        operation: 'search-status',
        method: 'POST',
        url: options.statusUrl,
        id: 'mosip.registration.external.status',
        version: '1.0',
        request: [{ registrationId }],
        signal,
      },
      (answer) => statusIn(answer, registrationId),
    );
    if (status === undefined) return { result: 'not-found' };
    const reason = REJECTIONS[status];
    if (reason !== undefined) return { result: 'refused', code: status, reason };
    if (status !== 'PROCESSED') return { result: 'pending' };
    return event.kind === 'birth' ? numberOf(registrationId, signal) : { result: 'confirmed' };
  };
}
