import {
  constants,
  createCipheriv,
  createHash,
  createHmac,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto';

export interface KeyPair {
  /** PEM texts. */
  readonly privateKey: string;
  readonly publicKey: string;
}

/** An RSA key pair, such as the one that the mediator's credentials are sealed for. */
export function createKeyPair(): KeyPair {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/**
 * The verifiable credential about a registration, as JSON text (reference/mosip.md 3). The proof has MOSIP's form, a
 * detached PS256 signature, but is taken over the JSON text and not over URDNA2015.
 */
export function makeCredential(
  registrationId: string,
  numbers: Readonly<Record<string, unknown>>,
  issuerKey: string,
): string {
  const document = {
    '@context': [
      'https://www.w3.org/2018/credentials/v1',
      'https://mosip.example/.well-known/mosip-context.json',
      { sec: 'https://w3id.org/security#' },
    ],
    id: `https://mosip.example/credentials/${randomUUID()}`,
    type: ['VerifiableCredential', 'MOSIPVerifiableCredential'],
    issuer: 'https://mosip.example/.well-known/controller.json',
    issuanceDate: new Date().toISOString(),
    credentialSubject: {
      ...numbers,
      id: `http://credential.idrepo/credentials/${registrationId}`,
      vcVer: 'VC-V1',
    },
  };
  const header = Buffer.from('{"alg":"PS256","b64":false,"crit":["b64"]}').toString('base64url');
  const digest = createHash('sha256').update(JSON.stringify(document)).digest();
  const signature = sign('sha256', Buffer.concat([Buffer.from(`${header}.`), digest]), {
    key: issuerKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
  const proof = {
    type: 'RsaSignature2018',
    created: document.issuanceDate,
    proofPurpose: 'assertionMethod',
    verificationMethod: 'https://mosip.example/.well-known/public-key.json',
    jws: `${header}..${signature.toString('base64url')}`,
  };
  return JSON.stringify({ ...document, proof });
}

export interface SealOptions {
  /** Whether the certificate's thumbprint stands before the session key, or whose that is. Default: one of nobody. */
  readonly thumbprint?: boolean | Buffer;
  readonly encoding?: 'base64' | 'base64url';
  /** Whether it is sealed as MOSIP did before it marked its versions. Default false. */
  readonly isOld?: boolean;
}

/** Seals a text with MOSIP's hybrid cipher (reference/mosip.md 3, the table). */
export function sealCredential(text: string, publicKey: string, options: SealOptions = {}): string {
  const { thumbprint = true, isOld = false } = options;
  const sessionKey = randomBytes(32);
  const aad = isOld ? Buffer.alloc(0) : randomBytes(32);
  const nonce = isOld ? randomBytes(16) : aad.subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', sessionKey, nonce);
  cipher.setAAD(aad);
  const print = thumbprint === true ? createHash('sha256').update(publicKey).digest() : thumbprint || Buffer.alloc(0);
  const sealed = Buffer.concat([
    Buffer.from(isOld ? '' : 'VER_R2'),
    print,
    publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, sessionKey),
    Buffer.from('#KEY_SPLITTER#'),
    aad,
    cipher.update(text, 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
    isOld ? nonce : Buffer.alloc(0),
  ]);
  return sealed.toString(options.encoding ?? 'base64');
}

/** The body that the hub delivers: a sealed credential inside its event, or where MOSIP shares it. */
export function makeDelivery(topic: string, sealedCredential: string, dataShareUri: string | null = null): Buffer {
  const now = new Date().toISOString();
  return Buffer.from(
    JSON.stringify({
      publisher: 'CREDENTIAL_SERVICE',
      topic,
      publishedOn: now,
      event: {
        id: randomUUID(),
        transactionId: randomUUID(),
        type: { namespace: 'mosip', name: 'mosip' },
        timestamp: now,
        dataShareUri,
        data: {
          templateTypeCode: 'RPR_UIN_CARD_TEMPLATE',
          ...(dataShareUri === null ? { credential: sealedCredential } : {}),
          credentialType: 'vercred',
          protectionKey: '123456',
        },
      },
    }),
  );
}

/** Value of `X-Hub-Signature`. */
export function signDelivery(body: Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
