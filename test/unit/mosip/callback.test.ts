import { webcrypto } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toMediatorError } from '../../../src/errors/index.js';
import { createCallback } from '../../../src/national-id/mosip/callback.js';
import {
  createKeyPair,
  makeCredential,
  makeDelivery,
  sealCredential,
  signDelivery,
} from '../../peers/mosip-credential.js';

const SECRET = 'the secret of the hub';
const TOPIC = 'crvs_partner/CREDENTIAL_ISSUED';
const RID = '10001200421234567890123456789';
const keys = createKeyPair();
const callback = createCallback({}, { secret: SECRET, credentialKey: keys.privateKey });

const CREDENTIAL = makeCredential(RID, { VID: '4838629174620184', birthCertificateNumber: 'B1' }, keys.privateKey);
const SEALED = sealCredential(CREDENTIAL, keys.publicKey);
const BODY = makeDelivery(TOPIC, SEALED);
const HEADERS = { 'x-hub-signature': signDelivery(BODY, SECRET) };
const eventId: unknown = JSON.parse(BODY.toString()).event.id;

const credentialOf = (subject: unknown): string => JSON.stringify({ credentialSubject: subject });
const read = (text: string) => callback.read(makeDelivery(TOPIC, sealCredential(text, keys.publicKey)));

test.each([
  { name: 'as the hub writes it', header: HEADERS['x-hub-signature'] },
  { name: 'the method in upper case', header: HEADERS['x-hub-signature'].replace('sha256', 'SHA256') },
  { name: 'the digits in upper case', header: `sha256=${HEADERS['x-hub-signature'].slice(7).toUpperCase()}` },
])('accepts a delivery: $name', ({ header }) => {
  expect(callback.authenticate({ 'x-hub-signature': header }, BODY)).toEqual({ deliveryId: eventId });
});

const flipped = Buffer.from(BODY);
flipped.writeUInt8(flipped.readUInt8(20) ^ 1, 20);

test.each([
  { name: 'no signature', header: undefined, body: BODY, code: 'signature_missing' },
  { name: 'an empty signature', header: '', body: BODY, code: 'signature_missing' },
  { name: 'two signatures', header: [HEADERS['x-hub-signature'], 'x'], body: BODY, code: 'signature_invalid' },
  { name: 'another secret', header: signDelivery(BODY, 'other'), body: BODY, code: 'signature_invalid' },
  { name: 'one byte changed', header: HEADERS['x-hub-signature'], body: flipped, code: 'signature_invalid' },
  { name: 'too short', header: HEADERS['x-hub-signature'].slice(0, -2), body: BODY, code: 'signature_invalid' },
  { name: 'too long', header: `${HEADERS['x-hub-signature']}00`, body: BODY, code: 'signature_invalid' },
  { name: 'no method', header: HEADERS['x-hub-signature'].slice(7), body: BODY, code: 'signature_invalid' },
  { name: 'another method', header: `sha1=${'0'.repeat(40)}`, body: BODY, code: 'signature_invalid' },
])('refuses a delivery: $name', ({ header, body, code }) => {
  expect(() => callback.authenticate({ 'x-hub-signature': header }, body)).toThrow(expect.objectContaining({ code }));
});

test.each([
  { name: 'no JSON', text: 'credential', code: 'json_invalid' },
  { name: 'no object', text: '[]', code: 'payload_invalid' },
  { name: 'no event', text: `{"topic":"${TOPIC}"}`, code: 'payload_invalid' },
  { name: 'an event without id', text: `{"topic":"${TOPIC}","event":{"data":{}}}`, code: 'payload_invalid' },
  { name: 'an id that is no text', text: `{"topic":"${TOPIC}","event":{"id":5}}`, code: 'payload_invalid' },
])('refuses a signed body: $name', ({ text, code }) => {
  const body = Buffer.from(text);
  expect(() => callback.authenticate({ 'x-hub-signature': signDelivery(body, SECRET) }, body)).toThrow(
    expect.objectContaining({ code }),
  );
});

test.each([
  { thumbprint: true, encoding: 'base64' },
  { thumbprint: true, encoding: 'base64url' },
  { thumbprint: false, encoding: 'base64' },
  { thumbprint: false, encoding: 'base64url' },
] as const)('opens a credential: thumbprint $thumbprint, $encoding', async (options) => {
  const body = makeDelivery(TOPIC, sealCredential(CREDENTIAL, keys.publicKey, options));
  expect(await callback.read(body)).toEqual({ outwardKey: RID, identity: { virtualId: '4838629174620184' } });
});

test('opens what WebCrypto sealed, which takes SHA-256 for OAEP and its mask function', async () => {
  const { subtle } = webcrypto;
  const spki = Buffer.from(keys.publicKey.replace(/-----[^-]+-----/g, ''), 'base64');
  const rsa = await subtle.importKey('spki', spki, { name: 'RSA-OAEP', hash: 'SHA-256' }, false, ['encrypt']);
  const aad = webcrypto.getRandomValues(new Uint8Array(32));
  const raw = webcrypto.getRandomValues(new Uint8Array(32));
  const aes = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt']);
  const sealed = Buffer.concat([
    Buffer.from('VER_R2'),
    Buffer.alloc(32),
    Buffer.from(await subtle.encrypt({ name: 'RSA-OAEP' }, rsa, raw)),
    Buffer.from('#KEY_SPLITTER#'),
    aad,
    Buffer.from(
      await subtle.encrypt(
        { name: 'AES-GCM', iv: aad.slice(0, 12), additionalData: aad },
        aes,
        Buffer.from(credentialOf({ id: `x/${RID}` })),
      ),
    ),
  ]);
  expect(await callback.read(makeDelivery(TOPIC, sealed.toString('base64')))).toEqual({
    outwardKey: RID,
    identity: {},
  });
});

test.each([
  {
    name: 'every number',
    subject: { id: `http://h/credentials/${RID}`, VID: '12', UIN: '34', PSUT: '56' },
    identity: { virtualId: '12', nationalId: '34', token: '56' },
  },
  { name: 'a death, without numbers', subject: { id: `http://h/credentials/${RID}`, vcVer: 'VC-V1' }, identity: {} },
  { name: 'arrays', subject: { id: RID, VID: ['12'] }, identity: { virtualId: '12' } },
  {
    name: 'values with a language',
    subject: { id: RID, UIN: [{ language: 'eng', value: '34' }] },
    identity: { nationalId: '34' },
  },
  { name: 'objects', subject: { id: RID, VID: { value: '12' } }, identity: { virtualId: '12' } },
  { name: 'numbers', subject: { id: `http://h/${RID}/`, VID: 12 }, identity: { virtualId: '12' } },
  { name: 'empty values', subject: { id: RID, VID: '', UIN: [], PSUT: null }, identity: {} },
])('reads the subject: $name', async ({ subject, identity }) => {
  expect(await read(credentialOf(subject))).toEqual({ outwardKey: RID, identity });
});

test.each([
  { name: 'no JSON', text: 'Amina Canary' },
  { name: 'no subject', text: '{"name":"Amina Canary"}' },
  { name: 'no id', text: credentialOf({ VID: '4838629174620184' }) },
  { name: 'an empty id', text: credentialOf({ id: '//', VID: '4838629174620184' }) },
])('cannot read a credential with $name, and quotes nothing', async ({ text }) => {
  const error = toMediatorError(await read(text).catch((thrown: unknown) => thrown));
  expect(error).toMatchObject({ code: 'credential_unreadable', message: 'The credential cannot be read.' });
  expect(error.cause).toBeUndefined();
});

test.each([
  { name: 'no JSON', body: Buffer.from('{') },
  { name: 'no credential', body: Buffer.from('{"event":{"id":"1","data":{}}}') },
  { name: 'a link instead', body: Buffer.from('{"event":{"id":"1","dataShareUri":"http://x","data":{}}}') },
  { name: 'not sealed', body: makeDelivery(TOPIC, Buffer.from(CREDENTIAL).toString('base64')) },
  { name: 'only the version', body: makeDelivery(TOPIC, Buffer.from('VER_R2').toString('base64')) },
  { name: 'sealed for another key', body: makeDelivery(TOPIC, sealCredential(CREDENTIAL, createKeyPair().publicKey)) },
])('cannot read a delivery: $name', async ({ body }) => {
  await expect(callback.read(body)).rejects.toMatchObject({ code: 'credential_unreadable' });
});

test('cannot read a credential of which a byte was changed, whichever', async () => {
  const bytes = Buffer.from(SEALED, 'base64');
  // The thumbprint only names a certificate and is not covered by the seal.
  const positions = fc.integer({ min: 0, max: bytes.length - 1 }).filter((at) => at < 6 || at >= 38);
  await fc.assert(
    fc.asyncProperty(positions, fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ mask, at);
      const body = makeDelivery(TOPIC, changed.toString('base64'));
      await expect(callback.read(body)).rejects.toMatchObject({ code: 'credential_unreadable' });
    }),
    { numRuns: 60 },
  );
});
