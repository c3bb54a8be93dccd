import { z } from 'zod';
import { MediatorError, parseJson, toMediatorError } from '../errors/index.js';
import { type Handler, type InboundRequest, jsonReply, type Reply, type Route } from '../http/index.js';
import type { AgeAnswer, IdentityClaim, NationalIdSystem, Verification } from '../national-id/index.js';
import type { TokenVerifier } from '../opencrvs/index.js';
import { type Clock, isoNow } from '../runtime/index.js';
import type { Logger } from '../telemetry/index.js';
import { ownOrOpenCrvs } from './bearer-guard.js';

export interface VerificationDeps {
  /** The one to ask now: it can change while the service runs. */
  readonly system: () => Pick<NationalIdSystem, 'name' | 'verify' | 'checkAge'>;
  readonly verifier: Pick<TokenVerifier, 'verify'> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface VerificationOptions {
  /** Longest time for the national ID system to answer. Default 10 s: the client of opencrvs/mosip waits for 15. */
  readonly timeoutMs?: number;
}

const NationalId = z.string().trim().min(1).max(128);
const NamePart = z.string().trim().max(200);

/** Architecture section 10; OpenCRVS leaves a field of a form empty, or sends null, where it knows nothing. */
const Claim = z.strictObject({
  nid: NationalId,
  dob: z.iso.date(),
  name: z
    .strictObject({ firstname: NamePart, middlename: NamePart.nullish(), surname: NamePart })
    .refine(({ firstname, surname }) => firstname !== '' || surname !== ''),
  gender: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['male', 'female', 'other', 'unknown']))
    .nullish(),
  transactionId: z.string().optional(),
});

const Age = z.strictObject({ nid: NationalId, years: z.int().min(0).max(150), on: z.iso.date().optional() });

const MAX_BODY_BYTES = 16 * 1024;
const TIMEOUT_MS = 10_000;
/** For a caller who was told that the system is away, where the system itself says nothing. */
const RETRY_AFTER_MS = 5_000;

function toClaim({ nid, dob, name, gender }: z.infer<typeof Claim>): IdentityClaim {
  const { firstname, middlename, surname } = name;
  const given = [firstname, middlename ?? ''].filter((part) => part !== '');
  return {
    nationalId: nid,
    birthDate: dob,
    name: { given, family: surname === '' ? undefined : surname },
    gender: gender ?? undefined,
  };
}

/**
 * Whether the caller takes JSON. The client of opencrvs/mosip comes with a token of OpenCRVS, says that it takes anything
 * and expects a word.
 */
function takesJson({ headers }: InboundRequest): boolean {
  const types = String(headers['accept'] ?? '*/*')
    .split(',')
    .map((range) => range.replace(/;.*/, '').trim().toLowerCase());
  if (types.some((type) => type === 'application/json' || type === 'application/*')) return true;
  return types.includes('*/*') && !/^Bearer /i.test(String(headers['authorization']));
}

const asText = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body,
});

const unavailableHeaders = ({ retryAfterMs = RETRY_AFTER_MS }: MediatorError): Readonly<Record<string, string>> => ({
  'retry-after': String(Math.ceil(retryAfterMs / 1000)),
});

/**
 * The doors for questions about the holder of a national ID: is a claimed identity true, and had they reached an age?
 * Nothing of the question comes back, is kept, or is logged. That the system is away is told as such, and never as a no.
 */
export function verificationRoutes(deps: VerificationDeps, options: VerificationOptions = {}): Route[] {
  const { system, verifier, clock, log } = deps;

  /** The system's answer; what a later try may mend is given back as an error. */
  const ask = async <T extends Verification | AgeAnswer>(
    request: InboundRequest,
    question: (signal: AbortSignal) => Promise<T>,
  ): Promise<Exclude<T, { result: 'not-supported' }> | MediatorError> => {
    try {
      const deadline = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
      const answer = await question(AbortSignal.any([request.signal, deadline]));
      if (isAnswered(answer)) return answer;
    } catch (thrown) {
      const error = toMediatorError(thrown);
      if (error.disposition !== 'retry') throw error;
      log.warn({ event: 'verification.unavailable', correlationId: request.correlationId, err: error }, 'not verified');
      return error;
    }
    const message = `The national ID system (${system().name}) cannot answer this, or is not set up for it.`;
    throw new MediatorError('not_supported', { message });
  };

  const verify: Handler = async (request) => {
    const claim = Claim.safeParse(parseJson(request.body));
    if (!claim.success) throw new MediatorError('payload_invalid');
    const answer = await ask(request, (signal) => system().verify(toClaim(claim.data), signal));
    if (answer instanceof MediatorError) {
      const headers = unavailableHeaders(answer);
      const body = { result: 'unavailable', reasons: [answer.code] };
      return takesJson(request) ? jsonReply(503, body, headers) : asText(503, 'unavailable', headers);
    }
    if (!takesJson(request)) return asText(200, answer.result === 'match' ? 'verified' : 'failed');
    const reasons = answer.result === 'mismatch' ? answer.attributes : [];
    return jsonReply(200, { result: answer.result, reasons });
  };

  const checkAge: Handler = async (request) => {
    const parsed = Age.safeParse(parseJson(request.body));
    if (!parsed.success) throw new MediatorError('payload_invalid');
    const { nid: nationalId, years, on = isoNow(clock).slice(0, 10) } = parsed.data;
    const answer = await ask(request, (signal) => system().checkAge({ nationalId, years, on }, signal));
    if (answer instanceof MediatorError) return jsonReply(503, { result: 'unavailable' }, unavailableHeaders(answer));
    return jsonReply(200, { result: answer.result });
  };

  const door = {
    methods: ['post'],
    guarded: ownOrOpenCrvs(verifier),
    maxBodyBytes: MAX_BODY_BYTES,
    contentTypes: ['application/json'],
  } as const;
  return [
    { ...door, path: '/verify', handler: verify },
    { ...door, path: '/verify/age', handler: checkAge },
  ];
}

function isAnswered<T extends Verification | AgeAnswer>(answer: T): answer is Exclude<T, { result: 'not-supported' }> {
  return answer.result !== 'not-supported';
}
