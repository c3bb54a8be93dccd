import { randomUUID } from 'node:crypto';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { errorReply, MosipAuth, parse, tokenOf } from './mosip-auth.js';
import { createKeyPair, makeCredential, makeDelivery, sealCredential } from './mosip-credential.js';
import { MosipHub, type MosipHubOptions } from './mosip-hub.js';
import { IDA_PATH, MosipIda } from './mosip-ida.js';
import type { MosipIssuer } from './mosip-issuer.js';
import { type Issued, MosipProcessor } from './mosip-processor.js';
import { MosipRepository } from './mosip-repository.js';
import { searchStatus } from './mosip-status.js';
import { MosipVids, vidRole } from './mosip-vids.js';

/** The accounts that a MosipPeer knows. */
export const MOSIP_ACCOUNTS = {
  appId: 'admin',
  partnerId: 'crvs_partner',
  topic: 'crvs_partner/CREDENTIAL_ISSUED',
  packetClient: { id: 'mosip-crvs-client', secret: 'packet-client-secret' },
  websubClient: { id: 'crvs_partner', secret: 'websub-client-secret' },
} as const;

export interface MosipPeerOptions extends Partial<Omit<MosipHubOptions, 'topic'>> {
  /** PEM text of the public key that credentials are sealed for. */
  readonly credentialKey: string;
  /** Sources that the packet manager is configured for. Default OPENCRVS. */
  readonly sources?: readonly string[];
  /** Default one hour. */
  readonly tokenLifeSeconds?: number;
  /** Whether credentials carry the certificate's thumbprint. Default true. */
  readonly thumbprint?: boolean;
  /** Whether the partner client may publish what became of credentials. Default true. */
  readonly mayPublish?: boolean;
  /** Signs credentials. Default: their signature has the right form and is worth nothing. */
  readonly issuer?: MosipIssuer;
}

const PATHS = {
  auth: '/v1/authmanager/authenticate/clientidsecretkey',
  packet: '/commons/v1/packetmanager/createPacket',
  workflow: '/registrationprocessor/v1/workflowmanager/workflowinstance',
  status: '/registrationprocessor/v1/registrationstatus/externalstatus/search',
  identity: '/idrepository/v1/identity/',
  readIdentity: '/idrepository/v1/identity/idvid/',
  deactivateVids: '/idrepository/v1/vid/deactivate',
  hub: '/hub',
} as const;

/** Where the data share service gives what was shared. */
const SHARES = '/v1/datashare/get/';

/**
 * MOSIP as this mediator meets it: auth manager, packet manager, workflow manager, registration processor and hub. What
 * it knows outlives a stop, as in a restarted system.
 */
export class MosipPeer extends HttpPeer {
  readonly auth: MosipAuth;
  readonly hub: MosipHub;
  readonly processor: MosipProcessor;
  readonly repository: MosipRepository;
  readonly vids: MosipVids;
  #ida: MosipIda | undefined;
  readonly #credentialKey: string;
  readonly #thumbprint: boolean;
  readonly #issuer: MosipIssuer | undefined;
  #issuerKey: string | undefined;
  /** Deliveries by registration id, to be sent again as the same bytes. */
  readonly #deliveries = new Map<string, Buffer>();
  readonly #waiting: string[] = [];
  #holding = false;
  #copies = 1;
  #toDrop = 0;
  #sharing = false;
  readonly #shares = new Map<string, string>();

  constructor(options: MosipPeerOptions) {
    super();
    this.#credentialKey = options.credentialKey;
    this.#thumbprint = options.thumbprint ?? true;
    this.#issuer = options.issuer;
    const { packetClient, websubClient } = MOSIP_ACCOUNTS;
    this.auth = new MosipAuth({
      appId: MOSIP_ACCOUNTS.appId,
      lifeSeconds: options.tokenLifeSeconds ?? 3600,
      clients: [
        {
          ...packetClient,
          roles: [
            'ONLINE_REGISTRATION_CLIENT',
            'REGISTRATION_OFFICER',
            'ID_REPOSITORY',
            'RESIDENT',
            'REGISTRATION_PROCESSOR',
          ],
        },
        {
          ...websubClient,
          roles: [
            'SUBSCRIBE_CREDENTIAL_ISSUED_INDIVIDUAL',
            'CREDENTIAL_REQUEST',
            ...(options.mayPublish === false ? [] : ['PUBLISH_CREDENTIAL_STATUS_UPDATE_GENERAL']),
          ],
        },
      ],
    });
    this.processor = new MosipProcessor({ sources: options.sources ?? ['OPENCRVS'] });
    this.vids = new MosipVids(this.processor.identities);
    this.repository = new MosipRepository(this.processor, this.vids);
    this.hub = new MosipHub(
      {
        topic: MOSIP_ACCOUNTS.topic,
        retriesMs: options.retriesMs ?? [10, 20, 40],
        deliveryTimeoutMs: options.deliveryTimeoutMs ?? 10_000,
        parallelDeliveries: options.parallelDeliveries ?? 1,
        redeliverOnSubscribe: options.redeliverOnSubscribe ?? true,
      },
      this.auth,
      () => this.changed(),
    );
  }

  override async start(): Promise<this> {
    await super.start();
    this.hub.resume(this.#hubUrl);
    return this;
  }

  override async stop(): Promise<void> {
    this.hub.pause();
    await super.stop();
  }

  /** Identity authentication; its keys are made when it is first needed. */
  get ida(): MosipIda {
    this.#ida ??= new MosipIda(this.processor.identities);
    return this.#ida;
  }

  /** What came of each registration id, for counting identities. */
  get issued(): ReadonlyMap<string, Issued> {
    return this.processor.issued;
  }

  /** How many identities were made for births. */
  get identities(): number {
    const births = [...this.issued.values()].filter(({ kind }) => kind === 'birth');
    return births.reduce((sum, { count }) => sum + count, 0);
  }

  /** From now on registrations wait to be processed until `release`. */
  hold(): void {
    this.#holding = true;
  }

  /** Processes what waits, first come first served unless `reverse`, and holds nothing from now on. */
  release(options: { readonly reverse?: boolean } = {}): void {
    this.#holding = false;
    const ids = this.#waiting.splice(0);
    for (const id of options.reverse === true ? ids.reverse() : ids) this.#process(id);
    this.changed();
  }

  /** Every credential is delivered so many times. */
  sendCopies(copies: number): void {
    this.#copies = copies;
  }

  /** The next credentials are made but never delivered. */
  dropCallbacks(count: number): void {
    this.#toDrop += count;
  }

  /** Delivers the credential of a registration again, byte for byte. */
  resend(registrationId: string): void {
    const message = this.#deliveries.get(registrationId);
    if (message === undefined) throw new Error('no credential was made for this registration');
    this.hub.publish(message, this.#hubUrl);
  }

  /** From now on credentials are not sent along: they are shared at an address that is good for one fetch. */
  shareCredentials(): void {
    this.#sharing = true;
  }

  /** The next `times` calls to a service are answered with HTTP 200 and this error, and do nothing. */
  failWithError(service: keyof typeof PATHS, errorCode: string, times?: number): void {
    this.fail(PATHS[service], errorReply(errorCode, 'as the test wants it'), times);
  }

  protected override answer(request: ReceivedRequest): PeerReply {
    if (request.method === 'POST' && request.path.startsWith(`${IDA_PATH}/`)) return this.ida.answer(request);
    if (request.method === 'GET' && request.path.startsWith(SHARES)) {
      return this.#guarded(request, () => this.#share(request.path), 'CREDENTIAL_REQUEST');
    }
    const role = vidRole(request);
    if (role !== undefined) return this.#guarded(request, () => this.vids.answer(request), role);
    switch (`${request.method} ${request.path}`) {
      case `POST ${PATHS.auth}`:
        return this.auth.authenticate(request);
      case `PUT ${PATHS.packet}`:
        return this.#guarded(request, () => this.processor.createPacket(parse(request.body)));
      case `POST ${PATHS.workflow}`:
        return this.#guarded(request, () => this.#startWorkflow(request));
      case `POST ${PATHS.status}`:
        return this.#guarded(request, () => searchStatus(this.processor, parse(request.body)), 'REGISTRATION_OFFICER');
      case `POST ${PATHS.readIdentity}`:
        return this.#guarded(request, () => this.repository.read(parse(request.body)), 'ID_REPOSITORY');
      case `PATCH ${PATHS.identity}`:
        return this.#guarded(request, () => this.repository.update(parse(request.body)), 'ID_REPOSITORY');
      case `POST ${PATHS.hub}`:
        return this.hub.answer(request, this.#hubUrl);
      default:
        return json({ status: 404, error: 'Not Found', path: request.path }, 404);
    }
  }

  get #hubUrl(): string {
    return `${this.url}${PATHS.hub}`;
  }

  #guarded(request: ReceivedRequest, serve: () => PeerReply, role = 'ONLINE_REGISTRATION_CLIENT'): PeerReply {
    const client = this.auth.clientOf(tokenOf(request), role);
    return client === undefined ? errorReply('KER-ATH-402', 'Token expired', 401) : serve();
  }

  #shareUri(sealed: string): string | null {
    if (!this.#sharing) return null;
    const path = `${SHARES}policy/${MOSIP_ACCOUNTS.partnerId}/${randomUUID()}`;
    this.#shares.set(path, sealed);
    return `${this.url}${path}`;
  }

  #share(path: string): PeerReply {
    const sealed = this.#shares.get(path);
    this.#shares.delete(path);
    if (sealed === undefined) return errorReply('DAT-SER-006', 'Data share usage expired');
    return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: sealed };
  }

  #startWorkflow(request: ReceivedRequest): PeerReply {
    const { reply, taken } = this.processor.startWorkflow(parse(request.body));
    if (taken !== undefined) {
      this.#waiting.push(taken);
      // After the answer: the real processor picks registrations up at intervals of its own.
      setImmediate(() => {
        if (!this.#holding) this.release();
      });
    }
    return reply;
  }

  #process(registrationId: string): void {
    const numbers = this.processor.process(registrationId);
    if (numbers === undefined) return;
    if (this.#issuer === undefined) {
      this.#issuerKey ??= createKeyPair().privateKey;
      this.#send(registrationId, makeCredential(registrationId, numbers, this.#issuerKey));
    } else {
      void this.#issuer.issue(registrationId, numbers).then((credential) => this.#send(registrationId, credential));
    }
  }

  #send(registrationId: string, credential: string): void {
    const sealed = sealCredential(credential, this.#credentialKey, { thumbprint: this.#thumbprint });
    const message = makeDelivery(MOSIP_ACCOUNTS.topic, sealed, this.#shareUri(sealed));
    this.#deliveries.set(registrationId, message);
    if (this.#toDrop > 0) {
      this.#toDrop -= 1;
      return;
    }
    for (let copy = 0; copy < this.#copies; copy += 1) this.hub.publish(message, this.#hubUrl);
  }
}
