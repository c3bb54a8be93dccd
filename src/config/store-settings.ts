import type { Problem } from './problems.js';
import { readSettingFile } from './read-values.js';
import type { Values } from './settings/index.js';
import type { StoreSettings } from './settings-type.js';

/**
 * The address with the certificate authority in it, in the words of PostgreSQL's own clients: the file is read at each
 * connection, so that it can be exchanged. The server must show a certificate of this authority for its name.
 */
function withAuthority(address: URL, caFile: string, problems: Problem[]): string {
  readSettingFile('DATABASE_CA_FILE', caFile, problems);
  const mode = address.searchParams.get('sslmode') ?? 'verify-full';
  if (mode === 'disable' || mode === 'no-verify') {
    const expected = `not set, or a DATABASE_URL without sslmode=${mode}`;
    problems.push({ setting: 'DATABASE_CA_FILE', expected });
  }
  address.searchParams.set('sslmode', 'verify-full');
  address.searchParams.set('sslrootcert', caFile);
  return address.toString();
}

/** Where events are kept. */
export function storeSettings(values: Values, problems: Problem[]): StoreSettings {
  const { DATABASE_URL: given, DATABASE_CA_FILE: caFile } = values;
  if (given === undefined) {
    if (values.NODE_ENV === 'production' && !values.ALLOW_EMBEDDED_STORE) {
      problems.push({
        setting: 'DATABASE_URL',
        expected: 'a postgres:// address (production refuses the embedded store unless ALLOW_EMBEDDED_STORE=true)',
      });
    }
    return { kind: 'embedded', dataDir: values.DATA_DIR };
  }
  const address = /^postgres(ql)?:\/\//.test(given) ? URL.parse(given) : null;
  if (address === null) problems.push({ setting: 'DATABASE_URL', expected: 'a postgres:// address' });
  const url = address === null || caFile === undefined ? given : withAuthority(address, caFile, problems);
  return { kind: 'postgres', url, poolSize: values.DATABASE_POOL_SIZE };
}
