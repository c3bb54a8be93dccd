import { parseKeyFile, plainKey } from './key-file.js';
import type { Problem } from './problems.js';
import { readSettingBytes } from './read-values.js';

const SETTING = 'MOSIP_CREDENTIAL_KEY_FILE';

function readKeys(bytes: Buffer, password: string | undefined): string {
  const { keys, certificates } = parseKeyFile(bytes, password);
  const isFit = keys.length > 0 && keys.every(({ asymmetricKeyType }) => asymmetricKeyType === 'rsa');
  if (!isFit) throw new Error('not RSA keys');
  return [...keys.map(plainKey), ...certificates].join('\n');
}

/**
 * The RSA keys that credentials are sealed for, and their certificates where the files hold them, as one PEM text. Each
 * file is PEM or PKCS#12; the password opens those that ask for one. A file at fault becomes a problem.
 */
export function readCredentialKeys(
  paths: readonly string[],
  password: string | undefined,
  problems: Problem[],
): string {
  const texts = paths.map((path) => {
    const bytes = readSettingBytes(SETTING, path, problems);
    if (bytes === undefined) return '';
    try {
      return readKeys(bytes, password);
    } catch {
      // The error of the parser says nothing that an operator could use.
      const expected =
        'PEM or PKCS#12 files with an RSA private key, and MOSIP_CREDENTIAL_KEY_PASSWORD where they ask for one';
      problems.push({ setting: SETTING, expected });
      return '';
    }
  });
  return texts.join('\n');
}
