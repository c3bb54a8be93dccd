import { readFileSync } from 'node:fs';
import type { ClientWanted } from '../../openhim/index.js';
import type { PeerTrust } from '../../outbound/index.js';
import { type Terminal, UsageError } from '../command.js';
import { errorCode } from '../error-code.js';
import type { Options } from '../options.js';
import { variable } from '../variable.js';
import type { InboundOptions } from './inbound.js';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

export const SETUP = {
  'core-url': text,
  'ca-file': text,
  'trust-self-signed': flag,
  username: text,
  'password-file': text,
  out: text,
  'mediator-url': text,
  'mediator-user': text,
  'inbound-username': text,
  client: { type: 'string', multiple: true },
  'report-outcome': flag,
  'reset-passwords': flag,
  'rotate-inbound': flag,
  'dry-run': flag,
} as const;

type Given = Options<typeof SETUP>;
type Environment = Terminal['environment'];

const isOn = (value: string | undefined): boolean => value === 'true' || value === '1';

function httpAddress(name: string, given: string): string {
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given;
  throw new UsageError(`${name} is an http or https address.`);
}

function required(options: Given, name: 'username' | 'out'): string {
  const value = options[name]?.trim();
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing.`);
  return value;
}

/** Where the API of core is: the option, else what the service has. */
function coreUrlOf(options: Given, environment: Environment): string {
  const given = options['core-url'] ?? variable(environment, 'OPENHIM_API_URL', 'OPENHIM_URL');
  if (given === undefined || given === '') throw new UsageError('--core-url is missing (or OPENHIM_API_URL).');
  return httpAddress('--core-url', given);
}

function trustOf(options: Given, environment: Environment): PeerTrust {
  const file = options['ca-file'] ?? variable(environment, 'OPENHIM_CA_FILE');
  const trustSelfSigned =
    options['trust-self-signed'] ?? isOn(variable(environment, 'OPENHIM_TRUST_SELF_SIGNED', 'TRUST_SELF_SIGNED'));
  if (file === undefined || file === '') return { ca: undefined, trustSelfSigned };
  try {
    return { ca: readFileSync(file, 'utf8'), trustSelfSigned };
  } catch (thrown) {
    throw new UsageError(`The file of --ca-file cannot be read (${errorCode(thrown)}).`);
  }
}

/** Where core reaches the mediator; undefined: as `mediator.json` says. */
function mediatorUrlOf(options: Given, environment: Environment): string | undefined {
  const given = options['mediator-url'] ?? variable(environment, 'MEDIATOR_URL');
  return given === undefined || given === '' ? undefined : httpAddress('--mediator-url', given);
}

/** The id becomes a file's name. */
const CLIENT = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?::([A-Za-z0-9._,-]+))?$/;
const FHIR_CALLER = 'national-id-fhir:fhir';

/** The clients of the private channels, `ID:ROLE,…`. */
function clientsOf({ client = [FHIR_CALLER] }: Given): readonly ClientWanted[] {
  return client.map((given) => {
    const [, id, roles = 'fhir'] = CLIENT.exec(given) ?? [];
    if (id === undefined) throw new UsageError('--client is ID or ID:ROLE,…, of letters, digits, ".", "_" and "-".');
    const words = roles.split(',').filter((role) => role !== '');
    if (words.includes(id)) throw new UsageError('--client: OpenHIM takes no client that is called like a role of it.');
    return { id, roles: words };
  });
}

/** One call of `openhim setup`, complete. */
export interface SetupCall {
  readonly apiUrl: string;
  readonly trust: PeerTrust;
  /** The administrator. */
  readonly username: string;
  readonly out: string;
  readonly mediatorUrl: string | undefined;
  readonly mediatorUser: string;
  readonly clients: readonly ClientWanted[];
  readonly inbound: InboundOptions;
  readonly reportsOutcomes: boolean;
  readonly resetsPasswords: boolean;
  readonly dryRun: boolean;
}

/** @throws UsageError */
export function setupCallOf(options: Given, environment: Environment): SetupCall {
  const dryRun = options['dry-run'] ?? false;
  return {
    username: required(options, 'username'),
    out: required(options, 'out'),
    apiUrl: coreUrlOf(options, environment),
    trust: trustOf(options, environment),
    mediatorUrl: mediatorUrlOf(options, environment),
    // Core keeps it in lower case.
    mediatorUser: (options['mediator-user'] ?? 'national-id-mediator@openhim.local').toLowerCase(),
    clients: clientsOf(options),
    inbound: {
      username: options['inbound-username'] ?? variable(environment, 'INBOUND_USERNAME') ?? 'openhim',
      given: variable(environment, 'INBOUND_PASSWORD'),
      rotates: options['rotate-inbound'] ?? false,
      dryRun,
    },
    reportsOutcomes: options['report-outcome'] ?? false,
    resetsPasswords: options['reset-passwords'] ?? false,
    dryRun,
  };
}
