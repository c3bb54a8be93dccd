import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createCertifiedKey, toPkcs12 } from '../../support/certificates.js';
import { selfSigned, selfSignedRsa } from '../../support/self-signed.js';
import { type Environment, FEWEST, faultsOf, privateKey, settingsWith, temporaryFiles } from './environment.js';

const files = temporaryFiles();
const PASSWORD = 'the password of the file';
const [own, stranger] = [selfSignedRsa(), selfSignedRsa()];

const MOSIP: Environment = {
  NATIONAL_ID_SYSTEM: 'mosip',
  MOSIP_BASE_URL: 'https://mosip.example',
  MOSIP_PACKET_CLIENT_ID: 'packets',
  MOSIP_PACKET_CLIENT_SECRET: 'secret of packets',
  MOSIP_WEBSUB_CLIENT_ID: 'crvs',
  MOSIP_WEBSUB_CLIENT_SECRET: 'secret of websub',
  MOSIP_PARTNER_ID: 'crvs',
  MOSIP_WEBSUB_SECRET: 'secret of the hub',
  MOSIP_WEBSUB_CALLBACK_URL: 'https://mediator.example/national-id/callback',
  MOSIP_CREDENTIAL_KEY_FILE: files.write('credential.pem', privateKey()),
};
const IDA: Environment = {
  MOSIP_MISP_LICENCE_KEY: 'a licence',
  MOSIP_PARTNER_API_KEY: 'an API key',
  MOSIP_IDA_CERT_FILE: files.write('ida.pem', stranger.cert),
  MOSIP_SIGNING_KEY_FILE: files.write('signing.pem', own.key),
  MOSIP_SIGNING_CERT_FILE: files.write('signing-cert.pem', own.cert),
};
const ESIGNET: Environment = {
  ESIGNET_TOKEN_URL: 'https://esignet.example/token',
  ESIGNET_USERINFO_URL: 'https://esignet.example/userinfo',
  ESIGNET_JWKS_URL: 'https://esignet.example/jwks.json',
  ESIGNET_CLIENT_KEY_FILE: files.write('client.pem', own.key),
};

describe('identity authentication of MOSIP', () => {
  const read = (environment: Environment) => {
    const { nationalId } = settingsWith({ ...MOSIP, ...environment });
    return nationalId.system === 'mosip' ? nationalId.mosip.identityAuthentication : undefined;
  };

  test('is left out where nothing is said of it', () => {
    expect(read({})).toBeUndefined();
    expect(read({ MOSIP_IDA_ENV: 'Production' })).toBeUndefined();
  });

  test('is found below the base address', () => {
    expect(read(IDA)).toEqual({
      url: 'https://mosip.example/idauthentication/v1/auth',
      domainUri: 'https://mosip.example',
      licenceKey: 'a licence',
      partnerId: 'crvs',
      partnerApiKey: 'an API key',
      certificate: stranger.cert,
      signingKey: own.key,
      signingCertificate: own.cert,
      environment: 'Staging',
      language: 'eng',
    });
  });

  test('or at an address of its own', () => {
    const elsewhere = {
      MOSIP_IDA_URL: 'https://ida.example/idauthentication/v1/auth',
      MOSIP_IDA_DOMAIN_URI: 'https://internal.example',
      MOSIP_IDA_LANGUAGE: 'fra',
    };
    expect(read({ ...IDA, ...elsewhere })).toMatchObject({
      url: 'https://ida.example/idauthentication/v1/auth',
      domainUri: 'https://internal.example',
      language: 'fra',
    });
  });

  test('signs with a key of PKCS#12, and the certificate in the same file', () => {
    const certified = createCertifiedKey();
    const given = {
      MOSIP_SIGNING_KEY_FILE: files.write('signing.p12', toPkcs12(certified, PASSWORD)),
      MOSIP_SIGNING_KEY_PASSWORD: PASSWORD,
      MOSIP_SIGNING_CERT_FILE: '',
    };
    const { signingKey = '', signingCertificate = '' } = read({ ...IDA, ...given }) ?? {};
    expect(new X509Certificate(signingCertificate).checkPrivateKey(createPrivateKey(signingKey))).toBe(true);
    expect(signingCertificate).not.toContain('\r');
  });

  test.each(Object.keys(IDA))('%s is asked for as soon as another is set', (name) => {
    expect(faultsOf({ ...FEWEST, ...MOSIP, ...IDA, [name]: '' })).toEqual([name]);
  });

  test.each([
    { name: 'no certificate', setting: 'MOSIP_IDA_CERT_FILE', text: own.key },
    { name: 'a certificate of another kind', setting: 'MOSIP_IDA_CERT_FILE', text: selfSigned().cert },
    { name: 'a key of another kind', setting: 'MOSIP_SIGNING_KEY_FILE', text: selfSigned().key },
    { name: 'a certificate of another key', setting: 'MOSIP_SIGNING_CERT_FILE', text: stranger.cert },
  ])('$name is told by name', ({ setting, text }) => {
    const file = files.write(`${setting}.pem`, text);
    expect(faultsOf({ ...FEWEST, ...MOSIP, ...IDA, [setting]: file })).toEqual([setting]);
  });
});

describe('e-Signet', () => {
  const jwk = JSON.stringify(createPrivateKey(own.key).export({ format: 'jwk' }));
  const pem = createPrivateKey(own.key).export({ type: 'pkcs8', format: 'pem' }).toString();

  test('is left out where nothing is said of it', () => {
    expect(settingsWith().esignet).toBeUndefined();
  });

  test.each([
    { name: 'PEM', text: own.key },
    { name: 'JWK', text: jwk },
    { name: 'JWK in base64, as opencrvs/mosip has it', text: `${Buffer.from(jwk).toString('base64')}\n` },
  ])('takes a key as $name', ({ text }) => {
    const file = files.write('client-key', text);
    expect(settingsWith({ ...ESIGNET, ESIGNET_CLIENT_KEY_FILE: file }).esignet).toEqual({
      tokenUrl: 'https://esignet.example/token',
      userInfoUrl: 'https://esignet.example/userinfo',
      keySetUrl: 'https://esignet.example/jwks.json',
      clientKey: expect.stringContaining(pem.trim()),
    });
  });

  test.each(Object.keys(ESIGNET))('%s is asked for as soon as another is set', (name) => {
    expect(faultsOf({ ...FEWEST, ...ESIGNET, [name]: '' })).toEqual([name]);
  });

  test.each([
    { name: 'no key', text: 'no key' },
    { name: 'a key of another kind', text: privateKey('ec') },
    { name: 'a public key', text: own.cert },
  ])('$name is told', ({ text }) => {
    const file = files.write('bad-key', text);
    expect(faultsOf({ ...FEWEST, ...ESIGNET, ESIGNET_CLIENT_KEY_FILE: file })).toEqual(['ESIGNET_CLIENT_KEY_FILE']);
  });
});
