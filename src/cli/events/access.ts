import { readFileSync } from 'node:fs';
import { createOutboundClient } from '../../outbound/index.js';
import { systemClock } from '../../runtime/index.js';
import { createMetrics } from '../../telemetry/index.js';
import { type Terminal, UsageError } from '../command.js';
import { errorCode } from '../error-code.js';
import type { Options } from '../options.js';
import { variable } from '../variable.js';
import { createOperatorClient, type OperatorClient } from './operator-client.js';

const text = { type: 'string' } as const;

/** Where the mediator is, and as whom it is asked. */
export const ACCESS = { url: text, username: text, 'password-file': text, 'ca-file': text } as const;

type Given = Options<typeof ACCESS>;
type Environment = Terminal['environment'];

export const ACCESS_HELP = `--url URL            the running mediator; default MEDIATOR_URL, else http://127.0.0.1 at PORT (4000)
--username USER      the operators' user name; default OPERATOR_USERNAME
--password-file FILE their password; default OPERATOR_PASSWORD, or the file that OPERATOR_PASSWORD_FILE names. It is
                     never an argument
--ca-file FILE       authority of the mediator's certificate, where it is one of your own
--json               prints JSON for a script
`;

/** The text of a file that an option or a variable names. */
function textOf(path: string, source: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new UsageError(`The file of ${source} cannot be read (${errorCode(thrown)}).`);
  }
}

function urlOf({ url }: Given, environment: Environment): string {
  const given =
    url ?? variable(environment, 'MEDIATOR_URL') ?? `http://127.0.0.1:${variable(environment, 'PORT') ?? 4000}`;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given;
  throw new UsageError('--url is an http or https address.');
}

function passwordOf(options: Given, environment: Environment): string {
  const file = options['password-file'];
  if (file !== undefined) return textOf(file, '--password-file').replace(/\r?\n$/, '');
  const password = variable(environment, 'OPERATOR_PASSWORD');
  if (password !== undefined) return password;
  const named = variable(environment, 'OPERATOR_PASSWORD_FILE');
  if (named !== undefined) return textOf(named, 'OPERATOR_PASSWORD_FILE').replace(/\r?\n$/, '');
  throw new UsageError(
    "The operators' password is missing: --password-file, OPERATOR_PASSWORD or OPERATOR_PASSWORD_FILE.",
  );
}

/**
 * Does the work with the mediator that the options lead to.
 *
 * @throws UsageError, and what the work throws
 */
export async function withMediator<T>(
  options: Given,
  terminal: Terminal,
  work: (client: OperatorClient) => Promise<T>,
): Promise<T> {
  const { environment } = terminal;
  const username = options.username ?? variable(environment, 'OPERATOR_USERNAME') ?? '';
  if (username === '') throw new UsageError("The operators' user name is missing: --username or OPERATOR_USERNAME.");
  const access = { url: urlOf(options, environment), username, password: passwordOf(options, environment) };
  const caFile = options['ca-file'];
  const trust = { ca: caFile === undefined ? undefined : textOf(caFile, '--ca-file'), trustSelfSigned: false };
  const outbound = createOutboundClient({ clock: systemClock, metrics: createMetrics() }, { trust });
  try {
    return await work(createOperatorClient({ outbound }, access));
  } finally {
    await outbound.close();
  }
}
