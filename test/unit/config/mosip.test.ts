import { describe, expect, test } from '@jest/globals';
import { MosipIssuer } from '../../peers/mosip-issuer.js';
import {
  type Environment,
  FEWEST,
  faultsOf,
  mosipEnvironment,
  mosipSettings,
  privateKey,
  temporaryFiles,
} from './environment.js';

const files = temporaryFiles();

const MOSIP = { ...FEWEST, ...mosipEnvironment(files.write('credential.pem', privateKey())) };
const mosipWith = (changes: Environment) => mosipSettings({ ...MOSIP, ...changes });

describe('the identity repository', () => {
  test('it is not called unless its own address is given', () => {
    expect(mosipWith({}).identityRepository).toBeUndefined();
  });

  test.each([
    { given: 'https://id.mosip.example', url: 'https://id.mosip.example/idrepository/v1' },
    { given: 'https://id.mosip.example/idrepository/v1', url: 'https://id.mosip.example/idrepository/v1' },
  ])('its address is a base: $given', ({ given, url }) => {
    expect(mosipWith({ MOSIP_ID_REPOSITORY_URL: given }).identityRepository).toEqual({
      url,
      deathRoute: 'packet',
      givesLostNumber: false,
      handlePostfix: '@birthCertificateNumber',
    });
  });

  test('deaths and lost numbers go there when that is asked for, and the address is needed then', () => {
    const asked = { MOSIP_DEATH_ROUTE: 'repository', MOSIP_LOST_CREDENTIAL: 'uin' };
    expect(faultsOf({ ...MOSIP, ...asked })).toEqual(['MOSIP_ID_REPOSITORY_URL']);
    const settings = mosipWith({ ...asked, MOSIP_ID_REPOSITORY_URL: 'https://id.mosip.example' });
    expect(settings.identityRepository).toMatchObject({ deathRoute: 'repository', givesLostNumber: true });
  });
});

test('deaths by VID need the address of the repository as well', () => {
  expect(faultsOf({ ...MOSIP, MOSIP_DEATH_ROUTE: 'vid' })).toEqual(['MOSIP_ID_REPOSITORY_URL']);
  const given = { MOSIP_DEATH_ROUTE: 'vid', MOSIP_ID_REPOSITORY_URL: 'https://id.mosip.example' };
  expect(mosipWith(given).identityRepository).toMatchObject({ deathRoute: 'vid' });
});

describe('credentials', () => {
  const { keys, contexts } = new MosipIssuer().settings;
  const issuerFile = files.write('issuer.json', { keys, contexts });

  test('several keys are read, separated by commas', () => {
    const second = files.write('second.pem', privateKey());
    const { credentialKey } = mosipWith({
      MOSIP_CREDENTIAL_KEY_FILE: `${MOSIP['MOSIP_CREDENTIAL_KEY_FILE']}, ${second}`,
    });
    expect(credentialKey.match(/BEGIN PRIVATE KEY/g)).toHaveLength(2);
  });

  test.each([
    { policy: undefined, isRequired: true },
    { policy: 'required', isRequired: true },
    { policy: 'if-present', isRequired: false },
  ])('with a file of keys their signature is checked: $policy', ({ policy, isRequired }) => {
    const asked = policy === undefined ? {} : { MOSIP_VERIFY_CREDENTIAL: policy };
    const { credentialProof } = mosipWith({ MOSIP_ISSUER_KEYS_FILE: issuerFile, ...asked });
    expect(credentialProof).toEqual({ isRequired, keys, contexts });
  });

  test('it is not checked without a file, or when it is off', () => {
    expect(mosipWith({}).credentialProof).toBeUndefined();
    const off = { MOSIP_ISSUER_KEYS_FILE: issuerFile, MOSIP_VERIFY_CREDENTIAL: 'off' };
    expect(mosipWith(off).credentialProof).toBeUndefined();
  });

  test('who asks for the check needs the file', () => {
    expect(faultsOf({ ...MOSIP, MOSIP_VERIFY_CREDENTIAL: 'required' })).toEqual(['MOSIP_ISSUER_KEYS_FILE']);
  });

  test.each([
    { name: 'no JSON', content: '-----BEGIN PUBLIC KEY-----' },
    { name: 'no keys', content: { keys: [] } },
    { name: 'a key that is none', content: { keys: [{ id: 'https://a.example', publicKeyPem: 'PEM' }] } },
    { name: 'a context that is none', content: { keys, contexts: { 'https://a.example': 'terms' } } },
  ])('a file at fault is named: $name', ({ content }) => {
    const path = files.write('wrong.json', content);
    expect(faultsOf({ ...MOSIP, MOSIP_ISSUER_KEYS_FILE: path })).toEqual(['MOSIP_ISSUER_KEYS_FILE']);
  });

  test.each([
    { asked: {}, publisher: undefined },
    { asked: { MOSIP_REPORT_CREDENTIAL_STATUS: 'true' }, publisher: 'partner' },
  ])('what became of them is published under our partner id, where asked: $publisher', ({ asked, publisher }) => {
    expect(mosipWith(asked as Environment).statusPublisher).toBe(publisher);
  });
});
