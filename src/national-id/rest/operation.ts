import type { RequestTemplate, Rule } from '../../config/index.js';
import { toMediatorError } from '../../errors/index.js';
import type { OutboundClient, OutboundResponse } from '../../outbound/index.js';
import { type Clock, isoNow } from '../../runtime/index.js';
import type { HealthCheck } from '../../telemetry/index.js';
import type { Authorization } from '../authorization.js';
import { type Conclude, compileAnswers } from './answers.js';
import type { Input } from './expression.js';
import { compileRequest } from './request.js';

export interface OperationDeps {
  readonly outbound: OutboundClient;
  readonly authorization: Authorization;
  readonly clock: Clock;
  /** Told how each call ended. */
  readonly check: HealthCheck;
  readonly baseUrl: string;
}

export type OperationName =
  | 'issue'
  | 'deactivate'
  | 'update'
  | 'reactivate'
  | 'status'
  | 'verify'
  | 'checkAge'
  | 'lookup';

/** One call of the system, from the input of its expressions to what its answer means. */
export type Operation<A> = (
  input: Input,
  options: { readonly signal: AbortSignal; readonly headers?: Readonly<Record<string, string>> },
) => Promise<A>;

function report(check: HealthCheck, { status }: OutboundResponse): void {
  if (status === 401 || status === 403) check.report('degraded', 'the system does not accept our credentials');
  else if (status >= 500 || status === 429) check.report('degraded', `the system answers HTTP ${status}`);
  else check.report('ok');
}

/**
 * Compiles an operation as the file describes it. Its expressions see `now` beside their input.
 *
 * The function throws MediatorError `mapping_failed`, `mapping_timeout`, and what a failed call or an answer stands for.
 */
export function compileOperation<R extends Rule, A>(
  { outbound, authorization, clock, check, baseUrl }: OperationDeps,
  name: OperationName,
  definition: RequestTemplate & { readonly answers: readonly R[] },
  conclude: Conclude<R, A>,
): Operation<A> {
  const place = `operations.${name}`;
  const build = compileRequest(place, definition, baseUrl);
  const judge = compileAnswers(clock, place, definition.answers, conclude);

  return async (given, { signal, headers }) => {
    const input = { ...given, now: isoNow(clock) };
    const request = await build(input);
    const send = (credentials: Readonly<Record<string, string>>): Promise<OutboundResponse> =>
      outbound.send({
        ...request,
        peer: 'rest',
        operation: name,
        headers: { ...request.headers, ...headers, ...credentials },
        signal,
      });
    let response: OutboundResponse;
    try {
      response = await authorization.run(send);
    } catch (thrown) {
      check.report('degraded', toMediatorError(thrown).code);
      throw thrown;
    }
    report(check, response);
    return judge(response, input);
  };
}
