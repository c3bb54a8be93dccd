import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { MOSIP_ACCOUNTS } from '../../peers/mosip-peer.js';
import { temporaryFolder } from '../../support/pipeline-harness.js';
import { BIRTH, birth, correction, DEATH, person } from '../../unit/mosip/events.js';
import { MAPPINGS_DIR, type MosipStage, setStage } from './set-up.js';

let stage: MosipStage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());
const folder = temporaryFolder();
afterAll(() => folder.remove());

test('a birth is taken by the strict peer and gets one identity', async () => {
  expect(await stage.submit(BIRTH)).toEqual({ result: 'pending' });
  await stage.mosip.until(() => stage.mosip.identities === 1);
  expect(stage.mosip.issued.get(stage.idOf(BIRTH))).toMatchObject({
    kind: 'birth',
    birthCertificateNumber: '2024BQX7T4N',
    count: 1,
  });
  expect(stage.health('mosip')?.state).toBe('ok');
});

test('a death is taken by the strict peer', async () => {
  expect(await stage.submit(DEATH)).toEqual({ result: 'pending' });
  await stage.mosip.until(() => stage.mosip.issued.has(stage.idOf(DEATH)));
  expect(stage.mosip.issued.get(stage.idOf(DEATH))).toEqual({ kind: 'death', count: 1 });
});

test('a death without a national ID never reaches MOSIP', async () => {
  const event: VitalEvent = { ...DEATH, subject: person({}) };
  expect(await stage.submit(event)).toMatchObject({ result: 'refused', code: 'NATIONAL_ID_MISSING' });
  expect(stage.mosip.received).toHaveLength(0);
});

/** The birth, processed by MOSIP; gives the numbers of its person. */
async function born(): Promise<{ readonly nationalId: string; readonly virtualId: string }> {
  await stage.submit(BIRTH);
  await stage.mosip.until(() => stage.mosip.identities === 1);
  const { uin, vid } = stage.mosip.issued.get(stage.idOf(BIRTH)) ?? {};
  if (uin === undefined || vid === undefined) throw new Error('the birth got no numbers');
  return { nationalId: uin, virtualId: vid };
}

test.each(['virtualId', 'nationalId'] as const)('a correction reaches the person by its %s', async (number) => {
  const numbers = await born();
  const corrected = person({ ...BIRTH.subject, names: [{ given: ['Thandeka'], family: 'Phiri' }] });
  const event = correction({ registrationNumber: BIRTH.registrationNumber, subject: corrected });
  expect(await stage.submit(event, { [number]: numbers[number] })).toEqual({ result: 'pending' });
  await stage.mosip.until(() => stage.mosip.issued.has(stage.idOf(event)));
  expect(stage.mosip.processor.identities.find(numbers.nationalId)?.fields).toMatchObject({
    fullName: JSON.stringify([{ language: 'eng', value: 'Thandeka Phiri' }]),
    addressLine1: JSON.stringify([{ language: 'eng', value: '17B, Jacaranda Road, Eastview' }]),
  });
  expect(stage.mosip.identities).toBe(1);
});

test('a death that names only a token ends the identity of the person it is known to be', async () => {
  const numbers = await born();
  const subject = person({ identifiers: [{ type: 'MOSIP_PSUT_TOKEN_ID', value: 'psut' }] });
  await stage.submit({ kind: 'death', registrationNumber: 'D1', subject }, numbers);
  await stage.mosip.until(() => stage.mosip.processor.identities.find(numbers.nationalId)?.status === 'DEACTIVATED');
});

test('a correction of somebody whom MOSIP does not know is taken, and nobody is told', async () => {
  const event = correction({ subject: person({ identifiers: [{ type: 'NATIONAL_ID', value: '1' }] }) });
  expect(await stage.submit(event)).toEqual({ result: 'pending' });
  await stage.mosip.until(() => stage.mosip.processor.rejected.get(stage.idOf(event)) === 'IDR-IDC-007');
});

const ABOUT_BIRTH = { ...BIRTH, of: 'birth', revision: '1' } as const;
const ABOUT_DEATH = { ...DEATH, of: 'death', revision: '1' } as const;
test.each<{ name: string; event: VitalEvent }>([
  { name: 'a cancelled birth', event: { ...ABOUT_BIRTH, kind: 'cancellation' } },
  { name: 'a birth that counts again', event: { ...ABOUT_BIRTH, kind: 'reinstatement' } },
  { name: 'a cancelled death', event: { ...ABOUT_DEATH, kind: 'cancellation' } },
  { name: 'a corrected death', event: { ...ABOUT_DEATH, kind: 'correction' } },
])('$name has no process at MOSIP: an answer, and nothing is sent', async ({ event }) => {
  expect(await stage.submit(event, { nationalId: '1', virtualId: '2' })).toEqual({ result: 'not-supported' });
  expect(stage.mosip.received).toHaveLength(0);
});

test('a death that counts again is a death', async () => {
  const event: VitalEvent = { ...ABOUT_DEATH, kind: 'reinstatement' };
  expect(await stage.submit(event)).toEqual({ result: 'pending' });
  await stage.mosip.until(() => stage.mosip.issued.get(stage.idOf(event))?.kind === 'death');
});

test('a birth of which little is known is not rejected', async () => {
  const event = birth({ subject: person({ birthDate: { value: '2024', approximate: true } }) });
  await stage.submit(event);
  await stage.mosip.until(() => stage.mosip.identities === 1);
  expect(stage.mosip.processor.rejected.size).toBe(0);
});

test('the same submission again and again makes one identity', async () => {
  for (let time = 0; time < 3; time += 1) expect(await stage.submit(BIRTH)).toEqual({ result: 'pending' });
  await stage.mosip.until(() => stage.mosip.identities > 0);
  expect(stage.mosip.processor.workflows.size).toBe(1);
  expect(stage.mosip.identities).toBe(1);
});

test.each(['createPacket', 'workflowinstance'])(
  'the answer of %s is lost: the next try makes no second identity',
  async (path) => {
    stage.mosip.fail(path, { kind: 'cut' }, 1);
    await expect(stage.submit(BIRTH)).rejects.toMatchObject({ disposition: 'retry', unanswered: true });
    expect(await stage.submit(BIRTH)).toEqual({ result: 'pending' });
    await stage.mosip.until(() => stage.mosip.identities > 0);
    expect(stage.mosip.identities).toBe(1);
  },
);

test('one token serves many submissions', async () => {
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => stage.submit({ ...BIRTH, registrationNumber: `2024B${index}` })),
  );
  await stage.mosip.until(() => stage.mosip.identities === 20);
  expect(stage.mosip.auth.issuedTokens).toBe(1);
});

test.each([
  { name: 'by status', refuse: () => stage.mosip.auth.revokeTokens() },
  { name: 'in a 200', refuse: () => stage.mosip.failWithError('packet', 'KER-ATH-402', 1) },
])('a refused token is replaced once: $name', async ({ refuse }) => {
  await stage.submit(BIRTH);
  refuse();
  expect(await stage.submit(DEATH)).toEqual({ result: 'pending' });
  expect(stage.mosip.auth.issuedTokens).toBe(2);
});

test.each([
  { service: 'packet', code: 'KER-PUT-015', error: 'peer_error' },
  { service: 'packet', code: 'KER-PUT-025', error: 'national_id_misconfigured' },
  { service: 'workflow', code: 'RPR-WIS-000', error: 'peer_error' },
  { service: 'auth', code: 'KER-ATH-500', error: 'peer_error' },
  { service: 'auth', code: 'KER-ATH-003', error: 'peer_unauthorized' },
] as const)('$code of $service in a 200 is no success, and passes', async ({ service, code, error }) => {
  stage.mosip.failWithError(service, code, 1);
  await expect(stage.submit(BIRTH)).rejects.toMatchObject({ code: error });
  expect(stage.health('mosip')?.state).toBe('degraded');
  expect(await stage.submit(BIRTH)).toEqual({ result: 'pending' });
  expect(stage.health('mosip')?.state).toBe('ok');
});

test('a permanent error of the workflow is a refusal with its code', async () => {
  stage.mosip.failWithError('workflow', 'RPR-WIN-001', 1);
  expect(await stage.submit(BIRTH)).toMatchObject({ result: 'refused', code: 'RPR-WIN-001' });
});

test.each([
  { name: 'an unknown source', settings: { source: 'SOMEBODY' }, code: 'national_id_misconfigured' },
  {
    name: 'a wrong client secret',
    settings: { packetClient: { ...MOSIP_ACCOUNTS.packetClient, secret: 'wrong' } },
    code: 'peer_unauthorized',
  },
  {
    name: 'a client without the role',
    settings: { packetClient: MOSIP_ACCOUNTS.websubClient },
    code: 'peer_unauthorized',
  },
  { name: 'a schema that the packet writer cannot use', settings: { schemaJson: '{}' }, code: 'peer_response_invalid' },
])('wrong settings show: $name', async ({ settings, code }) => {
  await stage.close();
  stage = await setStage({ settings });
  await expect(stage.submit(BIRTH)).rejects.toMatchObject({ code });
  expect(stage.mosip.processor.workflows.size).toBe(0);
});

test('a second person with the same certificate number gets no identity, and nobody is told', async () => {
  await stage.subscribed();
  await stage.submit(BIRTH);
  await stage.mosip.until(() => stage.mosip.hub.delivered === 1);
  const double: VitalEvent = { ...BIRTH, kind: 'birth', trackingId: 'other' };
  const { signal } = new AbortController();
  const outwardKey = stage.system.outwardKey(Buffer.alloc(32, 7));
  expect(await stage.system.issue({ event: double, outwardKey, repeated: false, signal })).toEqual({
    result: 'pending',
  });
  await stage.mosip.until(() => stage.mosip.processor.rejected.size === 1);
  expect(stage.mosip.processor.rejected.get(outwardKey)).toBe('IDR-IDC-014');
  expect(stage.mosip.identities).toBe(1);
  expect(stage.route.deliveries).toHaveLength(1);
});

test('log lines hold no person, no secret and no token', async () => {
  await stage.subscribed();
  await stage.submit(BIRTH);
  await stage.submit(correction({ subject: BIRTH.subject }), { virtualId: '5566778899001122' });
  stage.mosip.fail('createPacket', { kind: 'garbage' }, 1);
  await expect(stage.submit(DEATH)).rejects.toMatchObject({ code: 'peer_response_invalid' });
  await stage.mosip.until(() => stage.mosip.hub.delivered === 1);
  const { uin = '', vid = '' } = stage.mosip.issued.get(stage.idOf(BIRTH)) ?? {};
  const token = String(stage.mosip.requestsTo('createPacket')[0]?.headers['cookie']).replace('Authorization=', '');
  const written = stage.lines.join('\n');
  for (const secret of [
    'Thandiwe',
    'Phiri',
    '2024/01/28',
    '4407183925',
    '0971550142',
    '5566778899001122',
    'secret',
    token,
    uin,
    vid,
  ]) {
    expect(secret.length).toBeGreaterThanOrEqual(5);
    expect(written).not.toContain(secret);
  }
  expect(stage.mosip.received.map(({ rawQuery }) => rawQuery).join('')).toBe('');
});

test('documents that the mapping names reach MOSIP beside the fields, and are told to nobody else', async () => {
  const content = Buffer.from('a scan of a canary').toString('base64');
  const schema = JSON.parse(readFileSync(join(MAPPINGS_DIR, '..', 'mosip', 'id-schema.json'), 'utf8'));
  schema.properties.identity.properties.proofOfIdentity = {
    fieldCategory: 'optional',
    $ref: '#/definitions/documentType',
  };
  const mappings = { dir: folder.path, documents: { pass: 'passed-on', maxBytes: 1_024 } as const };
  cpSync(MAPPINGS_DIR, folder.path, { recursive: true });
  const file = join(folder.path, 'mosip', 'birth.jsonata');
  const proof = `"proofOfIdentity": event.documents[$exists(content)][0].{
    "type": kind, "format": $split(format, "/")[1], "document": content }`;
  writeFileSync(file, readFileSync(file, 'utf8').replace('"birthCertificateNumber":', `${proof}, $&`));
  await stage.close();
  stage = await setStage({ mappings, settings: { schemaJson: JSON.stringify(schema) } });

  const documents = [{ kind: 'PASSPORT', format: 'image/png', content }];
  const event = birth({ ...BIRTH, documents } as Parameters<typeof birth>[0]);
  expect(await stage.submit(event)).toEqual({ result: 'pending' });
  const packet = stage.mosip.processor.packets.get(stage.idOf(event));
  expect(packet?.documents).toEqual({ proofOfIdentity: { type: 'PASSPORT', format: 'png', document: content } });
  expect(packet?.fields).toMatchObject({ birthCertificateNumber: '2024BQX7T4N' });
  await stage.mosip.until(() => stage.mosip.identities === 1);
  expect(stage.lines.join('\n')).not.toContain(content);
});
