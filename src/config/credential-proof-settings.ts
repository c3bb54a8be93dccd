import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import type { MosipCredentialProofSettings } from './national-id-settings-type.js';
import type { Problem } from './problems.js';
import { Requirements } from './requirements.js';
import type { Values } from './settings/index.js';

const SETTING = 'MOSIP_ISSUER_KEYS_FILE';

const isRsa = (pem: string): boolean => {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
};

/** Keys in the form of MOSIP's `public-key.json`, and contexts as MOSIP publishes them. */
const IssuerFile = z.object({
  keys: z
    .array(
      z.object({ id: z.string().min(1), controller: z.string().optional(), publicKeyPem: z.string().refine(isRsa) }),
    )
    .min(1),
  contexts: z.record(z.string(), z.object({ '@context': z.unknown() })).default({}),
});

function parse(text: string): z.infer<typeof IssuerFile> | undefined {
  try {
    return IssuerFile.parse(JSON.parse(text));
  } catch {
    // What is wrong with it stands in the problem.
    return undefined;
  }
}

/** How the signatures of credentials are checked; undefined where they are not. */
export function credentialProofSettings(values: Values, problems: Problem[]): MosipCredentialProofSettings | undefined {
  const { MOSIP_ISSUER_KEYS_FILE: path, MOSIP_VERIFY_CREDENTIAL: asked } = values;
  const policy = asked ?? (path === undefined ? 'off' : 'required');
  if (policy === 'off') return undefined;
  const text = new Requirements(problems).needFile(SETTING, path, 'a JSON file, for MOSIP_VERIFY_CREDENTIAL');
  if (text === '') return undefined;
  const file = parse(text);
  if (file === undefined) {
    const expected = 'a JSON file with keys (id, publicKeyPem of an RSA key, perhaps controller), and perhaps contexts';
    problems.push({ setting: SETTING, expected });
    return undefined;
  }
  return { isRequired: policy === 'required', ...file };
}
