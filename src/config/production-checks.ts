import type { Problem } from './problems.js';
import { DEFINITIONS, type Definition, type SettingName, type Values } from './settings/index.js';
import type { Settings } from './settings-type.js';

/** Passwords that are published: the first ones of OpenHIM and of Instant OpenHIE, and what people type meanwhile. */
const PUBLISHED: ReadonlySet<string> = new Set([
  'openhim-password',
  'instant101',
  'password',
  'secret',
  'changeme',
  'change-me',
  'admin',
  'demo',
  'test',
]);

/** How the secrets of our own demo and tests end. */
const OF_THE_DEMO = /-of-the-(tests|demo)$/;

const isPublished = (secret: string): boolean => PUBLISHED.has(secret.toLowerCase()) || OF_THE_DEMO.test(secret);

/** What is tolerated in a trial and refused in production: callers without credentials, and secrets that are known. */
export function checkForProduction(values: Values, settings: Pick<Settings, 'inbound'>, problems: Problem[]): void {
  if (settings.inbound === undefined) {
    problems.push({ setting: 'INBOUND_USERNAME', expected: 'a user name, as NODE_ENV is production' });
    problems.push({ setting: 'INBOUND_PASSWORD', expected: 'a password, as NODE_ENV is production' });
  }
  for (const [name, value] of Object.entries(values)) {
    // The names of the values are those of the definitions.
    const definition: Definition = DEFINITIONS[name as SettingName];
    if (!definition.secret || typeof value !== 'string') continue;
    if (value.split(',').some((secret) => isPublished(secret.trim()))) {
      problems.push({
        setting: name,
        expected: 'a secret of your own, as NODE_ENV is production: this one is published',
      });
    }
  }
}
