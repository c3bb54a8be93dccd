import { createPrivateKey, X509Certificate } from 'node:crypto';
import { serviceUrl } from '../outbound/index.js';
import { readCertifiedKey } from './certified-key.js';
import type { ESignetSettings, MosipIdentityAuthenticationSettings } from './national-id-settings-type.js';
import type { Problem } from './problems.js';
import { Requirements } from './requirements.js';
import type { Values } from './settings/index.js';

/** Standard path of identity authentication (reference/mosip.md 5). */
const IDA_PATH = '/idauthentication/v1/auth';

const SIGNING = {
  key: 'MOSIP_SIGNING_KEY_FILE',
  certificate: 'MOSIP_SIGNING_CERT_FILE',
  password: 'MOSIP_SIGNING_KEY_PASSWORD',
} as const;

const isGiven = (values: Values, names: readonly (keyof Values)[]): boolean =>
  names.some((name) => values[name] !== undefined);

const isRsaKey = (pem: string): boolean => createPrivateKey(pem).asymmetricKeyType === 'rsa';

function isRsaCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).publicKey.asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

/** Identity authentication of MOSIP: all of its settings, or none and undefined. */
export function identityAuthenticationSettings(
  values: Values,
  problems: Problem[],
): MosipIdentityAuthenticationSettings | undefined {
  const asked = [
    'MOSIP_IDA_URL',
    'MOSIP_MISP_LICENCE_KEY',
    'MOSIP_PARTNER_API_KEY',
    'MOSIP_IDA_CERT_FILE',
    'MOSIP_SIGNING_KEY_FILE',
    'MOSIP_SIGNING_KEY_PASSWORD',
    'MOSIP_SIGNING_CERT_FILE',
  ] as const;
  if (!isGiven(values, asked)) return undefined;
  const requirements = new Requirements(problems);
  const why = 'as others for identity authentication are set';

  const base = requirements.need('MOSIP_IDA_URL', values.MOSIP_IDA_URL ?? values.MOSIP_BASE_URL, `an address, ${why}`);
  const url = base === '' ? '' : serviceUrl(base, IDA_PATH);
  const certificate = requirements.needFile('MOSIP_IDA_CERT_FILE', values.MOSIP_IDA_CERT_FILE, `a PEM file, ${why}`);
  if (certificate !== '' && !isRsaCertificate(certificate)) {
    problems.push({ setting: 'MOSIP_IDA_CERT_FILE', expected: 'a PEM file with an RSA certificate' });
  }
  const signing = readCertifiedKey(SIGNING, values, problems, { why, isRsa: true });
  return {
    url,
    domainUri: values.MOSIP_IDA_DOMAIN_URI ?? (url === '' ? '' : new URL(url).origin),
    licenceKey: requirements.need('MOSIP_MISP_LICENCE_KEY', values.MOSIP_MISP_LICENCE_KEY, `a licence key, ${why}`),
    partnerId: values.MOSIP_PARTNER_ID ?? '',
    partnerApiKey: requirements.need('MOSIP_PARTNER_API_KEY', values.MOSIP_PARTNER_API_KEY, `an API key, ${why}`),
    certificate,
    signingKey: signing?.key ?? '',
    signingCertificate: signing?.certificate ?? '',
    environment: values.MOSIP_IDA_ENV,
    language: values.MOSIP_IDA_LANGUAGE,
  };
}

/** A key as PEM; a JWK, plain or in base64, is turned into one. */
function toPem(text: string): string {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----')) return trimmed;
  const json = trimmed.startsWith('{') ? trimmed : Buffer.from(trimmed, 'base64').toString('utf8');
  return createPrivateKey({ key: JSON.parse(json), format: 'jwk' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

/** Our key as PEM; an empty text and a problem where the file holds none. */
function clientKeyIn(text: string, problems: Problem[]): string {
  if (text === '') return '';
  try {
    const pem = toPem(text);
    if (isRsaKey(pem)) return pem;
  } catch {
    // Falls through to the problem.
  }
  problems.push({ setting: 'ESIGNET_CLIENT_KEY_FILE', expected: 'a file with an RSA private key, as PEM or as JWK' });
  return '';
}

/** e-Signet: all of its settings, or none and undefined. */
export function esignetSettings(values: Values, problems: Problem[]): ESignetSettings | undefined {
  const addresses = ['ESIGNET_TOKEN_URL', 'ESIGNET_USERINFO_URL', 'ESIGNET_JWKS_URL'] as const;
  if (!isGiven(values, [...addresses, 'ESIGNET_CLIENT_KEY_FILE'])) return undefined;
  const requirements = new Requirements(problems);
  const address = (name: (typeof addresses)[number]): string =>
    requirements.need(name, values[name], 'an address, as others for e-Signet are set');
  const key = requirements.needFile('ESIGNET_CLIENT_KEY_FILE', values.ESIGNET_CLIENT_KEY_FILE, 'a file with a key');
  return {
    tokenUrl: address('ESIGNET_TOKEN_URL'),
    userInfoUrl: address('ESIGNET_USERINFO_URL'),
    keySetUrl: address('ESIGNET_JWKS_URL'),
    clientKey: clientKeyIn(key, problems),
  };
}
