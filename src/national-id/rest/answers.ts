import { z } from 'zod';
import type { FaultRule, RefusedRule, Rule } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundResponse, readJson, retryAfterMs } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Outcome } from '../../vital-events/index.js';
import { compileCondition, compileExpression, type Evaluate, type Input } from './expression.js';

/**
 * Says what an answer means.
 *
 * @throws MediatorError what its rule or its status stands for; `peer_response_invalid` for an answer that should be a
 *   success and cannot be understood
 */
export type Judge<A> = (response: OutboundResponse, input: Input) => Promise<A>;

/** What a rule makes of an answer that it applies to. */
export type Conclude<R extends Rule, A> = (rule: Exclude<R, FaultRule>, place: string) => Evaluate<A>;

const isFault = (rule: Rule): rule is FaultRule => rule.result === 'retry' || rule.result === 'misconfigured';

function includes(statuses: Rule['status'], status: number): boolean {
  return statuses.some((wanted) => wanted === status || wanted === `${Math.floor(status / 100)}xx`);
}

/** The body as JSON. Only a success must be readable: whoever fails may do so in plain words. */
function bodyOf(response: OutboundResponse): unknown {
  if (response.body.length === 0) return undefined;
  try {
    return readJson(response);
  } catch (thrown) {
    if (response.status < 300) throw thrown;
    return undefined;
  }
}

/** Nothing of the answer is told but its status. */
function faultOf(rule: FaultRule, response: OutboundResponse, nowMs: number): MediatorError {
  const { status } = response;
  if (rule.result === 'misconfigured') {
    const message = `The national ID system answered HTTP ${status}: it does not accept our configuration.`;
    return new MediatorError('national_id_misconfigured', { message });
  }
  const wait = retryAfterMs(response, nowMs);
  return new MediatorError('peer_unavailable', {
    message: `The national ID system answered HTTP ${status}: not now.`,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

/** The error for an answer that no rule names. */
function unnamed(place: string, response: OutboundResponse, nowMs: number): MediatorError {
  const message = `The national ID system answered HTTP ${response.status} as no rule of ${place} says.`;
  if (response.status < 300) return new MediatorError('peer_response_invalid', { message });
  return errorForStatus(response, nowMs) ?? new MediatorError('peer_misconfigured', { message });
}

/** Compiles the rules of the operation at `place`: the first that applies decides. */
export function compileAnswers<R extends Rule, A>(
  clock: Clock,
  place: string,
  rules: readonly R[],
  conclude: Conclude<R, A>,
): Judge<A> {
  const compiled = rules.map((rule, index) => {
    const at = `${place}.answers[${index}]`;
    return {
      rule,
      applies: rule.when === undefined ? undefined : compileCondition(`${at}.when`, rule.when),
      conclusion: isFault(rule) ? rule : conclude(rule as Exclude<R, FaultRule>, at),
    };
  });

  return async (response, input) => {
    const { status, headers } = response;
    const answered = { ...input, status, headers, body: bodyOf(response) };
    for (const { rule, applies, conclusion } of compiled) {
      if (!includes(rule.status, status)) continue;
      if (applies !== undefined && !(await applies(answered))) continue;
      if (typeof conclusion !== 'function') throw faultOf(conclusion, response, clock.now());
      return conclusion(answered);
    }
    throw unnamed(place, response, clock.now());
  };
}

const Codes = z.unknown().transform((found) => [found].flat());

/** A refusal in the words of the file, under the system's code where the file knows it. */
export function compileRefusal(rule: RefusedRule, place: string): Evaluate<Extract<Outcome, { result: 'refused' }>> {
  const read = rule.read === undefined ? undefined : compileExpression(`${place}.read`, rule.read, Codes);
  return async (input) => {
    const codes = read === undefined ? [] : await read(input);
    const known = Object.entries(rule.reasons).find(([code]) => codes.includes(code));
    const [code, reason] = known ?? [rule.code, rule.reason];
    return { result: 'refused', code, reason };
  };
}
