import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  type Environment,
  FEWEST,
  faultsOf,
  mosipEnvironment,
  mosipSettings,
  privateKey,
  settingsWith,
  temporaryFiles,
} from './environment.js';

const files = temporaryFiles();
const keyFile = files.write('credential.pem', privateKey());
const pemFile = files.write('any.pem', 'PEM');

const MOSIP = mosipEnvironment(keyFile);

const CLIENT: Environment = {
  OPENCRVS_AUTH_URL: 'http://auth.example:4040',
  OPENCRVS_CLIENT_ID: 'id',
  OPENCRVS_CLIENT_SECRET: 'secret',
};

const OPENHIM: Environment = {
  OPENHIM_REGISTER: 'true',
  OPENHIM_API_URL: 'https://core:8080',
  OPENHIM_USERNAME: 'root@openhim.org',
  OPENHIM_PASSWORD: 'password',
};

const OSIA: Environment = {
  NATIONAL_ID_SYSTEM: 'osia',
  OSIA_BASE_URL: 'https://osia.example',
  OSIA_TOKEN_URL: 'https://login.example/token',
  OSIA_CLIENT_ID: 'client',
  OSIA_CLIENT_SECRET: 'secret',
};

/** What the settings on the left need besides, each on its own. */
const NEEDS: readonly { name: string; given: Environment; needs: Environment }[] = [
  { name: 'registration with OpenHIM', given: { OPENHIM_REGISTER: 'true' }, needs: OPENHIM },
  {
    name: 'the country configuration write-back',
    given: { OPENCRVS_WRITE_BACK: 'countryconfig', OPENCRVS_WRITE_BACK_URL: 'http://cc.example' },
    needs: { ...CLIENT, OPENCRVS_WRITE_BACK_URL: 'http://cc.example:3040' },
  },
  {
    name: 'the FHIR write-back',
    given: { OPENCRVS_WRITE_BACK: 'openhim-fhir' },
    needs: { ...CLIENT, OPENCRVS_FHIR_URL: 'http://core:5001/fhir' },
  },
  ...['gateway-graphql', 'events'].map((way) => ({
    name: `the ${way} write-back`,
    given: { OPENCRVS_WRITE_BACK: way },
    needs: { OPENCRVS_AUTH_URL: 'https://auth.example', OPENCRVS_GATEWAY_URL: 'https://gateway.example' },
  })),
  {
    name: 'the write-back of events',
    given: { OPENCRVS_WRITE_BACK: 'events' },
    needs: { OPENCRVS_AUTH_URL: 'http://auth.example:4040', OPENCRVS_GATEWAY_URL: 'https://gateway.example' },
  },
  {
    name: 'a subscription',
    given: { OPENCRVS_WEBHOOKS_URL: 'http://webhooks.example:2525' },
    needs: { ...CLIENT, OPENCRVS_CALLBACK_URL: 'https://us.example/opencrvs/webhooks', OPENCRVS_SHA_SECRET: 'sha' },
  },
  { name: 'a system client', given: { OPENCRVS_CLIENT_ID: 'id' }, needs: CLIENT },
  { name: 'MOSIP', given: { NATIONAL_ID_SYSTEM: 'mosip', MOSIP_BASE_URL: 'https://mosip.example' }, needs: MOSIP },
  {
    name: 'a FHIR server with basic authentication',
    given: { FHIR_AUTH: 'basic' },
    needs: { FHIR_USERNAME: 'mediator', FHIR_PASSWORD: 'password' },
  },
  { name: 'a FHIR server with a token', given: { FHIR_AUTH: 'bearer' }, needs: { FHIR_TOKEN: 'token' } },
  {
    name: 'a FHIR server with client credentials',
    given: { FHIR_AUTH: 'client-credentials' },
    needs: {
      FHIR_TOKEN_URL: 'https://login.example/token',
      FHIR_CLIENT_ID: 'mediator',
      FHIR_CLIENT_SECRET: 'a secret of ours',
    },
  },
  {
    name: 'an OSIA system',
    given: { NATIONAL_ID_SYSTEM: 'osia' },
    needs: OSIA,
  },
  {
    name: 'a subscription at an OSIA system',
    given: { OSIA_SUBSCRIBE: 'newPerson', ...OSIA },
    needs: { OSIA_CALLBACK_URL: 'https://us.example' },
  },
  { name: 'a certificate', given: { TLS_CERT_FILE: pemFile }, needs: { TLS_KEY_FILE: pemFile } },
  { name: 'a TLS key', given: { TLS_KEY_FILE: pemFile }, needs: { TLS_CERT_FILE: pemFile } },
  { name: 'an inbound user', given: { INBOUND_USERNAME: 'openhim' }, needs: { INBOUND_PASSWORD: 'password' } },
  { name: 'an inbound password', given: { INBOUND_PASSWORD: 'password' }, needs: { INBOUND_USERNAME: 'openhim' } },
];

describe.each(NEEDS)('$name', ({ given, needs }) => {
  const missing = Object.keys(needs).filter((name) => !(name in given));

  test('alone lacks all it needs, each told', () => {
    expect(faultsOf({ ...FEWEST, ...given }).sort()).toEqual(missing.sort());
  });

  test('is valid with all of it', () => {
    expect(faultsOf({ ...FEWEST, ...needs, ...given })).toEqual([]);
  });

  test.each(missing)('lacks %s', (name) => {
    const { [name]: _, ...others } = needs;
    expect(faultsOf({ ...FEWEST, ...others, ...given })).toEqual([name]);
  });
});

test('the settings of the system that is not chosen are not asked for', () => {
  expect(faultsOf({ ...FEWEST, FHIR_BASE_URL: '', ...MOSIP })).toEqual([]);
  expect(settingsWith(MOSIP).nationalId.system).toBe('mosip');
});

test('what nothing needs is left out', () => {
  expect(settingsWith()).toMatchObject({
    openhim: undefined,
    inbound: undefined,
    http: { tls: undefined, opsPort: undefined },
    opencrvs: { shaSecrets: [], client: undefined, subscription: undefined, writeBack: { kind: 'none' } },
  });
});

test.each([
  { name: 'one', given: 'a', secrets: ['a'] },
  { name: 'two while they are rotated', given: 'new, old', secrets: ['new', 'old'] },
  { name: 'commas alone', given: ' , ,', secrets: [] },
])('OPENCRVS_SHA_SECRET holds $name', ({ given, secrets }) => {
  expect(settingsWith({ OPENCRVS_SHA_SECRET: given }).opencrvs.shaSecrets).toEqual(secrets);
});

test('tokens of OpenCRVS are checked as soon as its auth service is known, with its own names', () => {
  expect(settingsWith().opencrvs.tokens).toBeUndefined();
  const authUrl = 'http://auth.example:4040';
  const shipped = { authUrl, issuer: 'opencrvs:auth-service', audience: 'opencrvs:countryconfig-user' };
  expect(settingsWith({ OPENCRVS_AUTH_URL: authUrl }).opencrvs).toMatchObject({ tokens: shipped, client: undefined });
  const other = { OPENCRVS_TOKEN_ISSUER: 'issuer', OPENCRVS_TOKEN_AUDIENCE: 'audience' };
  expect(settingsWith({ OPENCRVS_AUTH_URL: authUrl, ...other }).opencrvs.tokens).toEqual({
    authUrl,
    issuer: 'issuer',
    audience: 'audience',
  });
});

test.each([
  { mode: 'query', gateway: 'https://g.example', authUrl: 'http://auth.example:4040', scope: 'nationalId' },
  { mode: 'body', gateway: 'https://g.example', authUrl: 'https://g.example/auth', scope: 'record.read' },
  { mode: 'body', gateway: '', authUrl: 'http://auth.example:4040', scope: 'record.read' },
])('a token of mode $mode comes from $authUrl (gateway: "$gateway")', ({ mode, gateway, authUrl, scope }) => {
  const environment = { ...CLIENT, OPENCRVS_TOKEN_MODE: mode, OPENCRVS_GATEWAY_URL: gateway };
  expect(settingsWith(environment).opencrvs.client).toMatchObject({ tokenMode: mode, authUrl, scope });
});

test('a subscription needs a secret that is one', () => {
  const environment = { ...CLIENT, OPENCRVS_WEBHOOKS_URL: 'http://w', OPENCRVS_CALLBACK_URL: 'http://us' };
  expect(faultsOf({ ...FEWEST, ...environment, OPENCRVS_SHA_SECRET: ',' })).toEqual(['OPENCRVS_SHA_SECRET']);
});

describe('files that settings name', () => {
  test.each([
    { name: 'OPENHIM_CA_FILE', given: OPENHIM },
    { name: 'TLS_CERT_FILE', given: { TLS_KEY_FILE: pemFile } },
    { name: 'TLS_KEY_FILE', given: { TLS_CERT_FILE: pemFile } },
    { name: 'MOSIP_CREDENTIAL_KEY_FILE', given: MOSIP },
    { name: 'MOSIP_SCHEMA_FILE', given: MOSIP },
  ])('$name must be there and not be empty', ({ name, given }) => {
    for (const path of [join(files.folder, 'none'), files.write('empty', '\n')]) {
      expect(faultsOf({ ...FEWEST, ...given, [name]: path })).toEqual([name]);
    }
  });

  test.each([
    { name: 'no PEM', content: 'canary' },
    { name: 'a key of another kind', content: privateKey('ec') },
  ])('MOSIP_CREDENTIAL_KEY_FILE must hold a private RSA key, not $name', ({ content }) => {
    const path = files.write('wrong.pem', content);
    expect(faultsOf({ ...FEWEST, ...MOSIP, MOSIP_CREDENTIAL_KEY_FILE: path })).toEqual(['MOSIP_CREDENTIAL_KEY_FILE']);
  });

  test('MOSIP_SCHEMA_FILE must hold JSON', () => {
    const path = files.write('wrong-schema.json', '{"a":');
    expect(faultsOf({ ...FEWEST, ...MOSIP, MOSIP_SCHEMA_FILE: path })).toEqual(['MOSIP_SCHEMA_FILE']);
  });

  test('their texts are read, the schema made compact', () => {
    const schema = files.write('schema.json', '{ "a" : 1 }\n');
    expect(mosip({ MOSIP_SCHEMA_FILE: schema })).toMatchObject({
      credentialKey: expect.stringContaining('BEGIN PRIVATE KEY'),
      schemaJson: '{"a":1}',
    });
    expect(settingsWith({ TLS_CERT_FILE: pemFile, TLS_KEY_FILE: pemFile }).http.tls).toEqual({
      cert: 'PEM',
      key: 'PEM',
    });
    expect(settingsWith({ ...OPENHIM, OPENHIM_CA_FILE: pemFile }).openhim?.ca).toBe('PEM');
  });
});

const mosip = (changes: Environment) => mosipSettings({ ...MOSIP, ...changes });

describe('MOSIP', () => {
  test('the processes of packets have their names, and others where MOSIP has others', () => {
    expect(mosip({}).processes).toEqual({ birth: 'CRVS_NEW', death: 'CRVS_DEATH', correction: 'CRVS_UPDATE' });
    const others = { MOSIP_PROCESS_NEW: 'A', MOSIP_PROCESS_DEATH: 'B', MOSIP_PROCESS_UPDATE: 'C' };
    expect(mosip(others).processes).toEqual({ birth: 'A', death: 'B', correction: 'C' });
  });

  // The paths: reference/mosip.md 1.1.
  const AUTH = '/v1/authmanager/authenticate/clientidsecretkey';
  const PACKET = '/commons/v1/packetmanager/createPacket';
  const WORKFLOW = '/registrationprocessor/v1/workflowmanager/workflowinstance';

  test.each([
    {
      name: 'all below one address',
      given: {},
      addresses: {
        authUrl: `https://mosip.example${AUTH}`,
        packetManagerUrl: `https://mosip.example${PACKET}`,
        workflowUrl: `https://mosip.example${WORKFLOW}`,
        hubUrl: 'https://mosip.example/hub',
      },
    },
    {
      name: 'one below an address of its own',
      given: { MOSIP_PACKET_MANAGER_URL: 'http://packets:8080/' },
      addresses: { authUrl: `https://mosip.example${AUTH}`, packetManagerUrl: `http://packets:8080${PACKET}` },
    },
    {
      name: 'full addresses',
      given: {
        MOSIP_BASE_URL: '',
        MOSIP_AUTH_URL: `http://a:1${AUTH}`,
        MOSIP_PACKET_MANAGER_URL: `http://b:2${PACKET}`,
        MOSIP_WORKFLOW_URL: `http://c:3${WORKFLOW}/`,
        MOSIP_WEBSUB_HUB_URL: 'http://d:4/hub',
      },
      addresses: {
        authUrl: `http://a:1${AUTH}`,
        packetManagerUrl: `http://b:2${PACKET}`,
        workflowUrl: `http://c:3${WORKFLOW}`,
        hubUrl: 'http://d:4/hub',
      },
    },
    {
      name: 'a part of the path given already',
      given: { MOSIP_AUTH_URL: 'http://a:1/v1/authmanager' },
      addresses: { authUrl: `http://a:1${AUTH}` },
    },
    {
      name: 'a hub without a path',
      given: { MOSIP_WEBSUB_HUB_URL: 'http://hub:9191' },
      addresses: { hubUrl: 'http://hub:9191/hub' },
    },
    {
      name: 'a hub on a path of its own',
      given: { MOSIP_WEBSUB_HUB_URL: 'http://hub:9191/websub/v2' },
      addresses: { hubUrl: 'http://hub:9191/websub/v2' },
    },
  ])('addresses: $name', ({ given, addresses }) => {
    expect(mosip(given as Environment)).toMatchObject(addresses);
  });

  test('without a base address each one is needed', () => {
    expect(faultsOf({ ...FEWEST, ...MOSIP, MOSIP_BASE_URL: '', MOSIP_AUTH_URL: 'http://a' })).toEqual([
      'MOSIP_PACKET_MANAGER_URL',
      'MOSIP_WORKFLOW_URL',
      'MOSIP_WEBSUB_HUB_URL',
    ]);
  });

  test("the topic is the partner's unless another is given", () => {
    expect(mosip({}).topic).toBe('partner/CREDENTIAL_ISSUED');
    expect(mosip({ MOSIP_WEBSUB_TOPIC: 'other/TOPIC' }).topic).toBe('other/TOPIC');
  });

  test.each(['MOSIP_CENTER_ID', 'MOSIP_MACHINE_ID'])('%s has 5 digits', (name) => {
    expect(faultsOf({ ...FEWEST, ...MOSIP, [name]: '00001' })).toEqual([]);
    for (const wrong of ['1', '123456', '1000a']) {
      expect(faultsOf({ ...FEWEST, ...MOSIP, [name]: wrong })).toEqual([name]);
    }
  });
});

describe('warnings', () => {
  const SAFE: Environment = {
    DATABASE_URL: 'postgres://db/m',
    ...CLIENT,
    OPENCRVS_SHA_SECRET: 'sha',
    OPENCRVS_WRITE_BACK: 'openhim-fhir',
    OPENCRVS_FHIR_URL: 'http://fhir.example',
    INBOUND_USERNAME: 'openhim',
    INBOUND_PASSWORD: 'password',
  };

  test('none where all is safe', () => {
    expect(settingsWith(SAFE).warnings).toEqual([]);
  });

  test.each([
    { name: 'the embedded store', given: { DATABASE_URL: '' }, warning: /embedded store.*PostgreSQL/ },
    { name: 'an unchecked certificate', given: { TRUST_SELF_SIGNED: 'true' }, warning: /OPENHIM_TRUST_SELF_SIGNED/ },
    { name: 'bodies in OpenHIM', given: { OPENHIM_LOG_BODIES: 'true' }, warning: /OPENHIM_LOG_BODIES.*personal data/ },
    { name: 'no signature key', given: { OPENCRVS_SHA_SECRET: '' }, warning: /OPENCRVS_SHA_SECRET.*refuses/ },
    {
      name: 'a way back without a place for the number',
      given: { OPENCRVS_WRITE_BACK: 'countryconfig', OPENCRVS_WRITE_BACK_URL: 'http://cc.example' },
      warning: /OPENCRVS_WRITE_BACK=countryconfig.*only MOSIP/,
    },
    { name: 'no write-back', given: { OPENCRVS_WRITE_BACK: 'none' }, warning: /OPENCRVS_WRITE_BACK=none/ },
    { name: 'no inbound user', given: { INBOUND_USERNAME: '', INBOUND_PASSWORD: '' }, warning: /INBOUND_USERNAME/ },
  ])('one about $name', ({ given, warning }) => {
    expect(settingsWith({ ...SAFE, ...(given as Environment) }).warnings).toEqual([expect.stringMatching(warning)]);
  });

  test('one about keys that were generated', () => {
    const given = { DATABASE_URL: '', DATA_DIR: join(files.folder, 'data'), INDEX_KEY: '' };
    expect(settingsWith({ ...SAFE, ...given }).warnings).toContainEqual(expect.stringMatching(/generated in DATA_DIR/));
  });
});

describe('the subscription at an OSIA system', () => {
  const subscriptionWith = (environment: Environment) => {
    const { nationalId } = settingsWith({ ...OSIA, ...environment });
    return nationalId.system === 'osia' ? nationalId.osia.subscription : undefined;
  };
  const given = { OSIA_SUBSCRIBE: 'newPerson, updatePerson,newPerson', OSIA_CALLBACK_URL: 'https://us.example' };

  test('is none without topics', () => {
    expect(subscriptionWith({ OSIA_CALLBACK_URL: 'https://us.example' })).toBeUndefined();
    expect(subscriptionWith({ OSIA_SUBSCRIBE: ' , ' })).toBeUndefined();
  });

  test('comes to our callback, below which a secret stands', () => {
    const subscription = subscriptionWith(given);
    expect(subscription?.topics).toEqual(['newPerson', 'updatePerson']);
    expect(subscription?.secret).toMatch(/^[\w-]{43}$/);
    expect(subscription?.address).toBe(`https://us.example/national-id/callback/${subscription?.secret}`);
    const whole = subscriptionWith({ ...given, OSIA_CALLBACK_URL: 'https://us.example/below/national-id/callback/' });
    expect(whole?.address).toBe(`https://us.example/below/national-id/callback/${whole?.secret}`);
  });

  test('has the same secret after a restart, and another under another key or at another address', () => {
    const secrets = [
      given,
      given,
      { ...given, INDEX_KEY: 'another index key for tests, long enough' },
      { ...given, OSIA_CALLBACK_URL: 'https://us.example/' },
    ].map((environment) => subscriptionWith(environment)?.secret);
    expect(secrets[0]).toBe(secrets[1]);
    expect(new Set(secrets).size).toBe(3);
  });
});
