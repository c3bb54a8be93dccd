import type { Problem } from './problems.js';
import type { ReadSettings } from './read-values.js';
import { DEFINITIONS, type Definition, type SettingName } from './settings/index.js';

/** What an operator has set in the OpenHIM console, as texts under the names of the settings. */
export type ConsoleValues = Readonly<Partial<Record<SettingName, string>>>;

interface AllowedHost {
  /** `name` or `name:port`. */
  readonly host: string;
  /** Whether it may be called without TLS. */
  readonly plain: boolean;
}

const NAMES = Object.keys(DEFINITIONS) as SettingName[];

const isAddress = (name: SettingName): boolean => (DEFINITIONS[name] as Definition).isAddress === true;

/** The hosts of `OUTBOUND_ALLOWED_HOSTS`, else those that the deployment itself leads to. */
function allowedHosts({ values }: ReadSettings): readonly AllowedHost[] {
  if (values.OUTBOUND_ALLOWED_HOSTS !== undefined) {
    const hosts = values.OUTBOUND_ALLOWED_HOSTS.split(',').map((host) => host.trim().toLowerCase());
    return hosts.filter((host) => host !== '').map((host) => ({ host, plain: true }));
  }
  return NAMES.filter(isAddress).flatMap((name) => {
    const given = values[name];
    if (typeof given !== 'string' || !URL.canParse(given)) return [];
    const { hostname, protocol } = new URL(given);
    return [{ host: hostname, plain: protocol === 'http:' }];
  });
}

/** A console account must not be able to send secrets and newborns elsewhere, or in the clear. */
function mayLead(address: string, allowed: readonly AllowedHost[]): boolean {
  const { host, hostname, protocol, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  return allowed.some((one) => [host, hostname].includes(one.host) && (protocol === 'https:' || one.plain));
}

/**
 * The settings with the console's values over those of the deployment. A value that is not valid, or may not come from
 * the console, is added to `problems` and left out.
 */
export function overlayConsole(base: ReadSettings, given: ConsoleValues, problems: Problem[]): ReadSettings {
  const allowed = allowedHosts(base);
  const values: Record<string, unknown> = { ...base.values };
  const sources = { ...base.sources };
  for (const name of NAMES) {
    const text = given[name];
    if (text === undefined) continue;
    const definition: Definition = DEFINITIONS[name];
    const parsed = definition.schema.safeParse(text);
    if (definition.console === undefined) {
      problems.push({ setting: name, expected: 'to be set in the environment' });
    } else if (!parsed.success) {
      problems.push({ setting: name, expected: definition.expects });
    } else if (isAddress(name) && !mayLead(text, allowed)) {
      problems.push({ setting: name, expected: 'an address whose host OUTBOUND_ALLOWED_HOSTS names' });
    } else {
      values[name] = parsed.data;
      sources[name] = 'console';
    }
  }
  // Each value was produced by its own definition's schema, under its own name.
  return { values, sources } as unknown as ReadSettings;
}
