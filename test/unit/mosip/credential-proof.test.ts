import { expect, test } from '@jest/globals';
import { z } from 'zod';
import type { MosipCredentialProofSettings } from '../../../src/config/index.js';
import { createCheckProof } from '../../../src/national-id/mosip/credential-proof.js';
import { type IssueOptions, MosipIssuer } from '../../peers/mosip-issuer.js';

const RID = '10001200421234567890123456789';
const NUMBERS = { VID: '4838629174620184', birthCertificateNumber: 'B1' };
const FULL_NAME = [{ language: 'eng', value: 'Thandiwe Canary' }];
const issuer = new MosipIssuer();

const check = (text: string, changes: Partial<MosipCredentialProofSettings> = {}) =>
  createCheckProof({ ...issuer.settings, ...changes })(text);
const issue = (options: IssueOptions = {}, numbers: object = NUMBERS) => issuer.issue(RID, { ...numbers }, options);

interface Credential {
  readonly credentialSubject: Record<string, unknown>;
  readonly proof: Record<string, unknown>;
}
const changed = async (change: (credential: Credential) => object, options: IssueOptions = {}): Promise<string> =>
  JSON.stringify(change(JSON.parse(await issue(options)) as Credential));

test.each<{ name: string; options: IssueOptions; numbers?: object }>([
  { name: 'a birth', options: {} },
  { name: 'a death', options: {}, numbers: {} },
  { name: 'with texts in languages', options: {}, numbers: { ...NUMBERS, fullName: FULL_NAME } },
  { name: 'RS256', options: { algorithm: 'RS256' } },
])('a signature that holds: $name', async ({ options, numbers }) => {
  await expect(check(await issue(options, numbers))).resolves.toBeUndefined();
});

test('the order of members and the blanks between them do not matter', async () => {
  const text = await changed(({ proof, ...rest }) => ({
    proof,
    ...Object.fromEntries(Object.entries(rest).reverse()),
  }));
  await expect(check(JSON.stringify(JSON.parse(text), null, 2))).resolves.toBeUndefined();
});

const DOES_NOT_HOLD = /does not hold/;

test.each<{ name: string; change: (credential: Credential) => object; message?: RegExp }>([
  { name: 'another number', change: (c) => ({ ...c, credentialSubject: { ...c.credentialSubject, VID: '1' } }) },
  {
    name: 'another registration',
    change: (c) => ({
      ...c,
      credentialSubject: { ...c.credentialSubject, id: 'http://credential.idrepo/credentials/2' },
    }),
  },
  { name: 'a number more', change: (c) => ({ ...c, credentialSubject: { ...c.credentialSubject, UIN: '4' } }) },
  {
    name: 'another time of the proof',
    change: (c) => ({ ...c, proof: { ...c.proof, created: '2020-01-01T00:00:00Z' } }),
  },
])('a signature that does not: $name', async ({ change }) => {
  await expect(check(await changed(change))).rejects.toMatchObject({
    code: 'credential_unreadable',
    message: expect.stringMatching(DOES_NOT_HOLD),
  });
});

test('the signature of another key does not hold', async () => {
  await expect(check(await issue(), { keys: new MosipIssuer().settings.keys })).rejects.toThrow(DOES_NOT_HOLD);
});

test.each<{ name: string; text: () => Promise<string>; message: RegExp }>([
  {
    name: 'a key that is not named',
    text: () => issue({ verificationMethod: 'https://evil.example/key.json' }),
    message: /does not name/,
  },
  {
    name: 'a key of another issuer',
    text: () => issue({ change: (document) => ({ ...document, issuer: 'https://other.example/controller.json' }) }),
    message: /issuer/,
  },
])('refused: $name', async ({ text, message }) => {
  await expect(check(await text())).rejects.toThrow(message);
});

test.each<{ name: string; text: () => Promise<string> }>([
  {
    name: 'a context of its own',
    text: () => issue({ change: (c) => ({ ...c, '@context': [...(c['@context'] as object[]), { VID: 'urn:x' }] }) }),
  },
  {
    name: 'a context that is not known',
    text: () => changed((c) => ({ ...c, '@context': ['https://evil.example/c'] })),
  },
  { name: 'another kind of proof', text: () => changed((c) => ({ ...c, proof: { ...c.proof, type: 'Ed25519' } })) },
  {
    name: 'a proof for another purpose',
    text: () => changed((c) => ({ ...c, proof: { ...c.proof, proofPurpose: 'authentication' } })),
  },
  {
    name: 'no algorithm',
    text: () => {
      const header = Buffer.from('{"alg":"none","b64":false,"crit":["b64"]}').toString('base64url');
      return changed((c) => ({ ...c, proof: { ...c.proof, jws: `${header}..AA` } }));
    },
  },
  { name: 'no JSON', text: async () => 'credential' },
])('never called valid, and nothing is fetched: $name', async ({ text }) => {
  await expect(check(await text())).rejects.toThrow();
});

test('a number that no context knows is not covered by the signature, so it is not believed', async () => {
  const text = JSON.stringify(issuer.settings.contexts).replace(/"UIN":"[^"]+",/, '');
  expect(text).not.toContain('UIN');
  const contexts: unknown = JSON.parse(text);
  const unsigned = await changed((c) => ({ ...c, credentialSubject: { ...c.credentialSubject, UIN: '4' } }));
  await expect(check(unsigned, { contexts: z.record(z.string(), z.unknown()).parse(contexts) })).rejects.toThrow(
    /does not cover/,
  );
});

test.each([
  { isRequired: true, outcome: 'refused' },
  { isRequired: false, outcome: 'taken' },
])('a credential without a signature is $outcome where one is required: $isRequired', async ({ isRequired }) => {
  const text = await changed(({ proof: _, ...rest }) => rest);
  const checked = check(text, { isRequired });
  if (isRequired) await expect(checked).rejects.toThrow('The credential is not signed.');
  else await expect(checked).resolves.toBeUndefined();
});

test('a signature that is there must hold also where none is required', async () => {
  const text = await changed((c) => ({ ...c, credentialSubject: { ...c.credentialSubject, VID: '1' } }));
  await expect(check(text, { isRequired: false })).rejects.toThrow(DOES_NOT_HOLD);
});
