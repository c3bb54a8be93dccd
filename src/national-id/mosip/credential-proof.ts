import { constants, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import type { MosipCredentialProofSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { PROOF_CONTEXT } from './bundled-contexts.js';
import { createCanonicalForm } from './canonical-form.js';
import { NUMBER_MEMBERS } from './credential.js';

/** reference/mosip.md 3: what MOSIP signs with, and in which form. */
const Proof = z.object({
  type: z.literal('RsaSignature2018'),
  created: z.string(),
  proofPurpose: z.literal('assertionMethod'),
  verificationMethod: z.string(),
  jws: z.string().regex(/^[\w-]+\.\.[\w-]+$/),
});
type Proof = z.infer<typeof Proof>;

/** A context of the credential's own could give what is signed another name. This one MOSIP adds. */
const Context = z.union([z.string(), z.strictObject({ sec: z.literal('https://w3id.org/security#') })]);

const Signed = z.looseObject({
  '@context': z.array(Context),
  type: z.unknown(),
  issuer: z.string(),
  credentialSubject: z.looseObject({ id: z.string() }),
});
type Signed = z.infer<typeof Signed>;

/** The payload stands as it is behind the header, not as base64 (RFC 7797). */
const Header = z.object({
  alg: z.enum(['PS256', 'RS256']),
  b64: z.literal(false),
  crit: z.tuple([z.literal('b64')]),
});
type Algorithm = z.infer<typeof Header>['alg'];

const PADDING: Readonly<Record<Algorithm, { readonly padding: number; readonly saltLength?: number }>> = {
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  RS256: { padding: constants.RSA_PKCS1_PADDING },
};

interface Issuer {
  readonly key: KeyObject;
  readonly controller: string | undefined;
}

/**
 * Checks the signature of a decrypted credential, given as JSON text.
 *
 * @throws MediatorError `credential_unreadable`; Error when the text is no credential
 */
export type CheckProof = (text: string) => Promise<void>;

const invalid = (what: string): MediatorError => new MediatorError('credential_unreadable', { message: what });

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * The check of MOSIP's own signature on a credential: RSA over the canonical forms (URDNA2015) of the proof's options and
 * of the document. Keys come from the settings only; what a credential says about its key is a name to look up.
 */
export function createCheckProof({ isRequired, keys, contexts }: MosipCredentialProofSettings): CheckProof {
  const canonical = createCanonicalForm(contexts);
  const issuers = new Map<string, Issuer>(
    keys.map(({ id, controller, publicKeyPem }) => [id, { key: createPublicKey(publicKeyPem), controller }]),
  );

  const signedBytes = async ({ jws: _, ...options }: Proof, document: Signed): Promise<Buffer> => {
    const forms = [{ '@context': PROOF_CONTEXT, ...options }, document].map((one) => canonical.of(one));
    return Buffer.concat((await Promise.all(forms)).map(sha256));
  };

  /** A member that no context knows is not part of the canonical form: anybody could have written it. */
  const checkCovered = async (document: Signed): Promise<void> => {
    const { credentialSubject: subject } = document;
    const used = Object.entries(subject).filter(([name]) => name === 'id' || NUMBER_MEMBERS.includes(name));
    const kept = { '@context': document['@context'], type: document.type, credentialSubject: Object.fromEntries(used) };
    try {
      await canonical.ofEveryMember(kept);
    } catch {
      throw invalid('The signature of the credential does not cover its numbers.');
    }
  };

  const check = async (proof: Proof, document: Signed): Promise<void> => {
    const issuer = issuers.get(proof.verificationMethod);
    if (issuer === undefined)
      throw invalid('The credential is signed with a key that MOSIP_ISSUER_KEYS_FILE does not name.');
    if (issuer.controller !== undefined && issuer.controller !== document.issuer) {
      throw invalid('The credential is not of the issuer to whom its key belongs.');
    }
    const [header = '', , signature = ''] = proof.jws.split('.');
    const { alg } = Header.parse(JSON.parse(Buffer.from(header, 'base64url').toString('utf8')));
    const signed = Buffer.concat([Buffer.from(`${header}.`), await signedBytes(proof, document)]);
    const key = { key: issuer.key, ...PADDING[alg] };
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) {
      throw invalid('The signature of the credential does not hold.');
    }
    await checkCovered(document);
  };

  return async (text) => {
    const { proof, ...document } = z.looseObject({ proof: z.unknown().optional() }).parse(JSON.parse(text));
    if (proof === undefined || proof === null) {
      if (isRequired) throw invalid('The credential is not signed.');
      return;
    }
    await check(Proof.parse(proof), Signed.parse(document));
  };
}
