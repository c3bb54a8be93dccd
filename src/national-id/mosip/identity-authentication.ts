import { createPrivateKey, randomInt, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { loadMapping, type MosipIdentityAuthenticationSettings } from '../../config/index.js';
import { MediatorError, toMediatorError } from '../../errors/index.js';
import type { OutboundClient } from '../../outbound/index.js';
import { type Clock, isoNow } from '../../runtime/index.js';
import type { HealthCheck } from '../../telemetry/index.js';
import { NOT_SUPPORTED } from '../not-supported.js';
import type { NationalIdSystem } from '../port.js';
import type { ClaimAttribute } from '../queries.js';
import { type IdaAnswer, readIdaAnswer } from './identity-authentication-answer.js';
import { detachedSignature, sealDemographics } from './identity-authentication-cipher.js';
import { individualIdType } from './individual-id.js';

export interface IdentityAuthenticationDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly check: HealthCheck;
}

export type IdentityAuthentication = Pick<NationalIdSystem, 'verify' | 'checkAge'>;

/** What IDA compares: texts, and texts in a language (reference/mosip.md 5). */
const Demographics = z.record(
  z.string(),
  z.union([z.string().min(1), z.array(z.strictObject({ language: z.string(), value: z.string() })).min(1)]),
);
type Demographics = z.infer<typeof Demographics>;

const MAPPING = 'mosip/verification.jsonata';

const isOfClaim = (attribute: ClaimAttribute | 'age'): attribute is ClaimAttribute => attribute !== 'age';

/**
 * Demographic authentication of MOSIP (reference/mosip.md 5): the claim goes out sealed, and only a yes or no comes back.
 * What a claim looks like in this country is said by `mosip/verification.jsonata` below `mappings.dir`.
 *
 * @throws MediatorError `mapping_failed` when that file is missing or does not compile
 */
export function createIdentityAuthentication(
  { outbound, clock, check }: IdentityAuthenticationDeps,
  settings: MosipIdentityAuthenticationSettings,
  mappings: { readonly dir: string },
): IdentityAuthentication {
  const mapping = loadMapping(mappings.dir, MAPPING);
  const certificate = new X509Certificate(settings.certificate);
  const signingKey = createPrivateKey(settings.signingKey);
  const { licenceKey, partnerId, partnerApiKey } = settings;
  const url = [settings.url, ...[licenceKey, partnerId, partnerApiKey].map(encodeURIComponent)].join('/');

  const requestText = (individualId: string, demographics: Demographics): string => {
    const timestamp = isoNow(clock);
    const inner = JSON.stringify({ biometrics: [], demographics, otp: '', timestamp });
    return JSON.stringify({
      id: 'mosip.identity.auth',
      version: '1.0',
      individualId,
      individualIdType: individualIdType(individualId),
      transactionID: String(randomInt(10 ** 9, 10 ** 10)),
      requestTime: timestamp,
      specVersion: '1.0',
      domainUri: settings.domainUri,
      env: settings.environment,
      requestedAuth: { demo: true, pin: false, otp: false, bio: false },
      consentObtained: true,
      ...sealDemographics(inner, certificate),
    });
  };

  const authenticate = async (
    individualId: string,
    demographics: Demographics,
    signal: AbortSignal,
  ): Promise<IdaAnswer> => {
    const body = requestText(individualId, demographics);
    try {
      const response = await outbound.send({
        peer: 'mosip-ida',
        operation: 'authenticate-identity',
        method: 'POST',
        url,
        // The address holds the licence key and the API key, by MOSIP's design.
        recordedPath: new URL(settings.url).pathname,
        headers: {
          'content-type': 'application/json',
          // MOSIP's gateway asks that the header be there, and for no more.
          authorization: 'Authorization',
          signature: detachedSignature(body, signingKey, settings.signingCertificate),
        },
        body,
        signal,
      });
      const answer = readIdaAnswer(response, clock.now());
      check.report('ok');
      return answer;
    } catch (thrown) {
      const error = toMediatorError(thrown);
      check.report('degraded', error.message);
      throw error;
    }
  };

  const toDemographics = async (claim: unknown): Promise<Demographics> => {
    const mapped = Demographics.safeParse(await mapping.apply({ claim, language: settings.language }));
    if (mapped.success && Object.keys(mapped.data).length > 0) return mapped.data;
    throw new MediatorError('mapping_failed', { message: `The mapping ${MAPPING} made nothing that MOSIP compares.` });
  };

  return {
    async verify({ nationalId, ...claim }, signal) {
      const answer = await authenticate(nationalId, await toDemographics(claim), signal);
      return answer.result === 'mismatch'
        ? { result: 'mismatch', attributes: answer.attributes.filter(isOfClaim) }
        : { result: answer.result };
    },
    /** IDA says yes to an age that the person has reached, and knows no other day than today. */
    async checkAge({ nationalId, years, on }, signal) {
      if (on !== isoNow(clock).slice(0, 10)) return NOT_SUPPORTED;
      const answer = await authenticate(nationalId, { age: String(years) }, signal);
      switch (answer.result) {
        case 'match':
          return { result: 'yes' };
        case 'mismatch':
          return { result: 'no' };
        default:
          return { result: answer.result };
      }
    },
  };
}
