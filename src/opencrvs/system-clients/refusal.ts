import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundResponse, readJson } from '../../outbound/index.js';
import { tokenFault } from './admin-token.js';
import type { ClientCall } from './system-clients.js';
import type { OpenCrvsVersion } from './version.js';

/** A call that OpenCRVS did not do. */
interface RefusedCall {
  readonly call: ClientCall;
  readonly version: OpenCrvsVersion;
  /** The administrator's token, to see what may be wrong with it. */
  readonly token: string;
}

const NO_CLIENT = 'there is no client with this id';
const INACTIVE_ADMIN = 'the administrator of the token is no active user';
/** A client gets a Practitioner of its own, made before it is stored. */
const FHIR_DOWN = 'OpenCRVS cannot reach its own FHIR store';

/** What a refusal without a reason can mean: user-mgnt maps every failure to it (reference/opencrvs.md 1.2, 1.3). */
function possibleReasons(call: ClientCall, { api, text }: OpenCrvsVersion): readonly string[] {
  if (call === 'register') {
    const taken = api === 'systems' ? ['a NATIONAL_ID client exists already: from 1.2 there can be one only'] : [];
    return [...taken, `OpenCRVS ${text} does not know the type`, INACTIVE_ADMIN, FHIR_DOWN];
  }
  const noClient =
    api === 'system-clients' ? `${NO_CLIENT}: ${text} wants the system id, not the client id` : NO_CLIENT;
  return call === 'refreshSecret' || call === 'remove' ? [noClient] : [noClient, INACTIVE_ADMIN];
}

const listed = (lines: readonly string[]): string => lines.map((line) => `\n  - ${line}`).join('');

/** The error for a refusal that names no reason. */
function unexplainedRefusal({ call, version, token }: RefusedCall, nowMs: number): MediatorError {
  const fault = tokenFault(token, version.adminScope, nowMs);
  const reasons = possibleReasons(call, version);
  return new MediatorError('request_invalid', {
    message: `OpenCRVS refused and gave no reason. On ${version.text} that can mean:${listed([
      ...(fault === undefined ? [] : [`the administrator's token is not good for this: ${fault}`]),
      ...reasons,
    ])}`,
  });
}

const Unauthenticated = z.object({
  errors: z.array(z.object({ extensions: z.object({ code: z.literal('UNAUTHENTICATED') }) })).min(1),
});

/** The gateway's GraphQL says so of a token in a body, with 400 or 200. */
function isUnauthenticated(response: OutboundResponse): boolean {
  try {
    return Unauthenticated.safeParse(readJson(response)).success;
  } catch {
    // A text or nothing: not the gateway's GraphQL.
    return false;
  }
}

/** The error for an administrator's token that is not accepted. */
function tokenRefused(refused: RefusedCall, nowMs: number): MediatorError {
  const { adminScope } = refused.version;
  const fault =
    tokenFault(refused.token, adminScope, nowMs) ?? 'it may be from another OpenCRVS, or may have been withdrawn';
  return new MediatorError('peer_unauthorized', {
    message: `OpenCRVS does not accept the administrator's token: ${fault}.`,
  });
}

/** 403: the service checks one scope (reference/opencrvs.md 1.2). */
function scopeMissing({ version, token }: RefusedCall, nowMs: number): MediatorError {
  const fault = tokenFault(token, version.adminScope, nowMs);
  const seen = fault === undefined ? '' : `: ${fault}`;
  return new MediatorError('peer_unauthorized', {
    message: `This needs the scope ${version.adminScope}; the administrator's token may not do it${seen}.`,
  });
}

const formRefused = (text: string): MediatorError =>
  new MediatorError('peer_misconfigured', {
    message: `This OpenCRVS does not take the call in the form of ${text}: is --version right?`,
  });

const inputRefused = (): MediatorError =>
  new MediatorError('request_invalid', {
    message: 'OpenCRVS refused the input. 2.x wants a name and one scope or more; a client id is a UUID there.',
  });

/** A 2.x service has no answer of its own for an unknown id: the query fails (core@v2.0.0 system-clients.ts). */
const TAKES_ID: ReadonlySet<ClientCall> = new Set<ClientCall>(['deactivate', 'reactivate', 'refreshSecret', 'remove']);
const idOrFault = (): MediatorError =>
  new MediatorError('peer_error', {
    message: `OpenCRVS failed. On 2.x that is also its answer where ${NO_CLIENT}.`,
  });

/** Errors of the services' own framework are JSON; what a handler refuses is a text or nothing. */
function isFrameworkError({ headers, body }: OutboundResponse): boolean {
  return String(headers['content-type'] ?? '').includes('json') && body.length > 0;
}

/**
 * The error for an answer that is no success, in words for an administrator; the answer's own words are not kept. The
 * gateway's GraphQL fails with 200 and hides what user-mgnt said.
 */
export function refusalOf(refused: RefusedCall, response: OutboundResponse, nowMs: number): MediatorError {
  const { text, api } = refused.version;
  if (isUnauthenticated(response)) return tokenRefused(refused, nowMs);
  switch (response.status) {
    case 200:
      return unexplainedRefusal(refused, nowMs);
    case 400:
      if (!isFrameworkError(response)) return unexplainedRefusal(refused, nowMs);
      return api === 'integrations' ? inputRefused() : formRefused(text);
    case 401:
      return tokenRefused(refused, nowMs);
    case 403:
      return scopeMissing(refused, nowMs);
    case 404:
      if (refused.call === 'remove' && !isFrameworkError(response)) {
        return new MediatorError('request_invalid', { message: `OpenCRVS refused: ${NO_CLIENT}.` });
      }
      return new MediatorError('peer_misconfigured', {
        message: `There is no such call at this address: --version ${text} or the address does not fit this OpenCRVS.`,
      });
    default:
      if (response.status === 500 && api === 'integrations' && TAKES_ID.has(refused.call)) return idOrFault();
      return (
        errorForStatus(response, nowMs) ??
        new MediatorError('peer_error', { message: `OpenCRVS answered HTTP ${response.status}.` })
      );
  }
}
