import { z } from 'zod';
import { json, type PeerReply } from './http-peer.js';
import { errorReply } from './mosip-auth.js';
import type { MosipProcessor } from './mosip-processor.js';

/** The grace period that the real service allows a clock. */
const GRACE_MS = 10_080 * 1000;

const StatusRequest = z.object({
  id: z.literal('mosip.registration.external.status'),
  version: z.literal('1.0'),
  requesttime: z.iso.datetime().refine((time) => Math.abs(Date.parse(time) - Date.now()) < GRACE_MS),
  request: z.array(z.object({ registrationId: z.string().min(1) })).min(1),
});

function statusOf(processor: MosipProcessor, registrationId: string): string | undefined {
  if (!processor.workflows.has(registrationId)) return undefined;
  if (processor.rejected.has(registrationId)) return 'REJECTED';
  return processor.issued.has(registrationId) ? 'PROCESSED' : 'PROCESSING';
}

/**
 * The search for external statuses of the registration processor (REG RegistrationExternalStatusController): those that
 * are known in `response`, an error for each of the others, both with HTTP 200.
 */
export function searchStatus(processor: MosipProcessor, body: unknown): PeerReply {
  const parsed = StatusRequest.safeParse(body);
  if (!parsed.success) return errorReply('RPR-RGS-015', 'Invalid Input Value - Input Data is Incorrect');
  const asked = parsed.data.request.map(({ registrationId }) => ({
    registrationId,
    statusCode: statusOf(processor, registrationId),
  }));
  return json({
    id: 'mosip.registration.external.status',
    version: '1.0',
    responsetime: new Date().toISOString(),
    response: asked.filter(({ statusCode }) => statusCode !== undefined),
    errors: asked
      .filter(({ statusCode }) => statusCode === undefined)
      .map(({ registrationId }) => ({ errorCode: 'RPR-RGS-031', message: 'RID Not Found', registrationId })),
  });
}
