import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A DER element: tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const size: number[] = [];
  for (let rest = content.length; rest > 0; rest >>= 8) size.unshift(rest & 0xff);
  const length = content.length < 0x80 ? [content.length] : [0x80 | size.length, ...size];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const utcTime = (time: Date): Buffer =>
  der(0x17, Buffer.from(`${time.toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'));
const RSA_WITH_SHA256 = sequence(objectId('2a864886f70d01010b'), der(0x05));
const COMMON_NAME = objectId('550403');
const SUBJECT_ALT_NAME = objectId('551d11');
const BASIC_CONSTRAINTS = objectId('551d13');
const TRUE = der(0x01, Buffer.from([0xff]));

/** A key and its certificate, as PEM texts. */
export interface CertifiedKey {
  readonly key: string;
  readonly cert: string;
}

/** A new key and a certificate for it that signs itself, valid until these days from now, made out to this IPv4 address. */
export function selfSigned(address = '127.0.0.1', days = 1): CertifiedKey {
  return certify(generateKeyPairSync('ec', { namedCurve: 'P-256' }), ECDSA_WITH_SHA256, address, days);
}

/** The same with an RSA key, as MOSIP's partners have. */
export function selfSignedRsa(address = '127.0.0.1'): CertifiedKey {
  return certify(generateKeyPairSync('rsa', { modulusLength: 2048 }), RSA_WITH_SHA256, address);
}

function certify(
  { publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  algorithm: Buffer,
  address: string,
  days = 1,
): CertifiedKey {
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('test peer')))));
  const altNames = sequence(der(0x87, Buffer.from(address.split('.').map(Number))));
  const extensions = sequence(
    sequence(BASIC_CONSTRAINTS, TRUE, der(0x04, sequence(TRUE))),
    sequence(SUBJECT_ALT_NAME, der(0x04, altNames)),
  );
  const dayMs = 86_400_000;
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1]), randomBytes(8)),
    algorithm,
    name,
    sequence(utcTime(new Date(Date.now() - 10 * dayMs)), utcTime(new Date(Date.now() + days * dayMs))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, privateKey));
  const certificate = sequence(content, algorithm, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}
