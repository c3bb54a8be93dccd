import { createSecureContext } from 'node:tls';
import type { ClientCertificate } from '../outbound/index.js';
import { readCertifiedKey } from './certified-key.js';
import type { Problem } from './problems.js';
import type { Values } from './settings/index.js';

const NAMES = {
  key: 'NATIONAL_ID_CLIENT_KEY_FILE',
  certificate: 'NATIONAL_ID_CLIENT_CERT_FILE',
  password: 'NATIONAL_ID_CLIENT_KEY_PASSWORD',
} as const;

/** Whether TLS would work with them: it takes no key that is too short, for one. */
function isUsable(tls: ClientCertificate): boolean {
  try {
    createSecureContext({ ...tls });
    return true;
  } catch {
    return false;
  }
}

/** What we show to a national ID system that asks for a client certificate; undefined where nothing is said of one. */
export function clientCertificateSettings(values: Values, problems: Problem[]): ClientCertificate | undefined {
  if (Object.values(NAMES).every((name) => values[name] === undefined)) return undefined;
  const why = 'as others of the client certificate are set';
  const certified = readCertifiedKey(NAMES, values, problems, { why, isRsa: false });
  if (certified === undefined) return undefined;
  const tls = { key: certified.key, cert: certified.certificate + certified.others };
  if (!isUsable(tls))
    problems.push({ setting: NAMES.key, expected: 'a key and a certificate that TLS can be used with' });
  return tls;
}
