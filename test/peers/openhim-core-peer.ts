import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { bodyless, type CoreUser, OpenHimCoreObjects, savedChannel, text } from './openhim-core-objects.js';
import {
  type ChannelDoc,
  checkMediator,
  checkNewMediator,
  checkParams,
  type MediatorDoc,
} from './openhim-core-rules.js';

export interface OpenHimCoreOptions {
  readonly username?: string;
  readonly password?: string;
  /** Core after 8.5.0, whose users have roles with permissions. */
  readonly hasRoles?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A mediator as core stores it. */
export interface StoredMediator {
  doc: MediatorDoc;
  lastHeartbeat: number | undefined;
  uptime: number | undefined;
  configModified: number;
}

const MASK = '*'.repeat(10);

/** `1.1.0-rc.1` is newer than `1.0.0` and older than `1.1.0`: as much of semver as mediators use. */
function isNewer(version: string, than: string): boolean {
  const [core = '', pre = ''] = version.replace(/^v/, '').split(/-(.*)/);
  const [thanCore = '', thanPre = ''] = than.replace(/^v/, '').split(/-(.*)/);
  const byNumber = core.localeCompare(thanCore, 'en', { numeric: true });
  if (byNumber !== 0) return byNumber > 0;
  if (pre === thanPre || pre === '') return pre === '' && thanPre !== '';
  return thanPre !== '' && pre.localeCompare(thanPre, 'en', { numeric: true }) > 0;
}

/** The API of OpenHIM core 8.5 as far as a mediator and its operator use it (openhim.md sections 1 to 3 and 7). */
export class OpenHimCorePeer extends HttpPeer {
  readonly username: string;
  readonly password: string;
  /** Users, roles, clients, channels and transactions. */
  readonly objects: OpenHimCoreObjects;
  readonly mediators = new Map<string, StoredMediator>();
  /** Core logs it and leaves the connection open: seen with core 8.5.0, at the API and the router. */
  protected override readonly ignoresOtherProtocols = true;
  readonly #startedAt = Date.now();

  constructor(options: OpenHimCoreOptions = {}) {
    super(options.tls);
    this.username = options.username ?? 'mediator@openhim.org';
    this.password = options.password ?? 'openhim-password';
    this.objects = new OpenHimCoreObjects(options.hasRoles ?? false);
    this.objects.addUser(this.username, this.password, ['admin']);
  }

  get channels(): ChannelDoc[] {
    return this.objects.channels;
  }

  /** False: the user is not in the group admin, and gets 403. */
  set mayManageMediators(isAdmin: boolean) {
    const user = this.objects.users.get(this.username);
    if (user !== undefined) user.groups = isAdmin ? ['admin'] : [];
  }

  /** The database is new: nothing is known any more. */
  forget(): void {
    this.mediators.clear();
    this.channels.length = 0;
  }

  /** An operator changes the whole config in the console. */
  setConfig(urn: string, config: Record<string, unknown>): void {
    const stored = this.mediators.get(urn);
    if (stored === undefined) throw new Error(`no mediator ${urn}`);
    checkParams(stored.doc.configDefs ?? [], config);
    stored.doc = { ...stored.doc, config };
    stored.configModified = Date.now();
  }

  protected override answer(request: ReceivedRequest): PeerReply {
    if (request.method === 'GET' && request.path === '/heartbeat') return this.#publicHeartbeat();
    const [root = '', ...names] = request.path.split('/').slice(1).map(decodeURIComponent);
    const body = readJson(request);
    if (root === 'token') return this.objects.answerToken(request.method, names[0] ?? '', body);
    const user = this.#authenticate(request);
    if (user === undefined) return text(401, 'Unauthorized');
    if (body === undefined) return text(400, 'Bad Request');
    const answer = this.objects.answer(root, { user, method: request.method, names, body });
    if (answer !== undefined) return answer;
    // Basic authentication has answered already: what core does not have is a 200 (seen with core 8.5.0).
    if (root !== 'mediators') return bodyless(200);
    const refused = this.objects.refusal(user, 'mediator-manage-all');
    if (refused !== undefined) return refused;
    const [urnInPath, action] = names;
    if (urnInPath === undefined) {
      if (request.method === 'POST') return this.#register(body);
      return json([...this.mediators.values()].map(({ doc }) => doc));
    }
    // Core decodes the name in the path twice (openhim.md 1.2).
    const urn = decodeURIComponent(urnInPath);
    return this.#onMediator(`${request.method} ${action ?? ''}`.trim(), urn, body);
  }

  #authenticate({ headers }: ReceivedRequest): CoreUser | undefined {
    // The scheme counts in this case only.
    const encoded = /^Basic (.+)$/.exec(headers['authorization']?.toString() ?? '')?.[1];
    const [, email = '', password = ''] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? [];
    return this.objects.authenticate(email, password);
  }

  #register(body: unknown): PeerReply {
    const refuse = (reason: string): PeerReply =>
      text(400, `Could not add Mediator via the API: ValidationError: ${reason}`);
    const mediator = checkMediator(body);
    if (typeof mediator === 'string') return refuse(mediator);
    const existing = this.mediators.get(mediator.urn);
    if (existing === undefined) {
      const fault = checkNewMediator(mediator);
      if (fault !== undefined) return refuse(fault);
      this.mediators.set(mediator.urn, {
        doc: mediator,
        lastHeartbeat: undefined,
        uptime: undefined,
        configModified: 0,
      });
    } else if (isNewer(mediator.version, existing.doc.version)) {
      existing.doc = { ...existing.doc, ...mediator, ...upgradedConfig(mediator, existing.doc) };
    }
    return bodyless(201);
  }

  #onMediator(call: string, urn: string, body: unknown): PeerReply {
    const stored = this.mediators.get(urn);
    switch (call) {
      case 'GET':
        return stored === undefined ? bodyless(404) : json(masked(stored.doc));
      case 'DELETE':
        this.mediators.delete(urn);
        return text(200, `Mediator with urn ${urn} has been successfully removed by ${this.username}`);
      case 'POST heartbeat':
        return stored === undefined ? bodyless(404) : heartbeat(stored, body);
      case 'PUT config':
        if (stored === undefined) return text(404, 'No mediator found for this urn.');
        try {
          this.setConfig(urn, unmasked(stored.doc, body));
        } catch (thrown) {
          return text(400, thrown instanceof Error ? thrown.message : String(thrown));
        }
        return bodyless(200);
      case 'POST channels':
        return stored === undefined ? text(404, 'No mediator found for this urn.') : this.#install(stored.doc, body);
      default:
        return bodyless(200);
    }
  }

  #install(doc: MediatorDoc, body: unknown): PeerReply {
    const names = Array.isArray(body) ? body : [];
    const defaults = doc.defaultChannelConfig ?? [];
    const wanted = names.length === 0 ? defaults : defaults.filter(({ name }) => names.includes(name));
    if (wanted.length < names.length) return text(400, 'Could not load mediator default channel config');
    if (wanted.some(({ name }) => this.channels.some((channel) => channel.name === name))) {
      return text(500, 'Could not load mediator default channel config: E11000 duplicate key error');
    }
    this.channels.push(...wanted.map((channel) => savedChannel(channel)).filter((saved) => typeof saved !== 'string'));
    return bodyless(201);
  }

  #publicHeartbeat(): PeerReply {
    const now = Date.now();
    const aliveSince = ({ lastHeartbeat, uptime }: StoredMediator): number | null =>
      lastHeartbeat !== undefined && now - lastHeartbeat <= 60_000 ? (uptime ?? null) : null;
    const mediators = Object.fromEntries([...this.mediators].map(([urn, stored]) => [urn, aliveSince(stored)]));
    // Without any mediator the member is absent.
    return json({ master: (now - this.#startedAt) / 1000, ...(this.mediators.size === 0 ? {} : { mediators }), now });
  }
}

/** The body as core's parser gives it: an empty object unless it is marked as JSON; undefined when it is none. */
function readJson({ headers, body }: ReceivedRequest): unknown {
  const isJson = headers['content-type']?.includes('application/json') === true;
  if (!isJson || body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** openhim.md section 2: the table of answers. */
function heartbeat(stored: StoredMediator, body: unknown): PeerReply {
  const { uptime, config } = (body ?? {}) as { uptime?: unknown; config?: unknown };
  if (uptime === undefined || uptime === null) return bodyless(400);
  const isChanged = stored.lastHeartbeat !== undefined && stored.configModified > stored.lastHeartbeat;
  stored.lastHeartbeat = Date.now();
  stored.uptime = Number(uptime);
  if (config !== true && !isChanged) return text(200, '');
  return stored.doc.config === undefined ? text(200, 'OK') : json(stored.doc.config);
}

/** A stored value wins over a sent one; stored params that were not sent are dropped (openhim.md 1.3). */
function upgradedConfig(sent: MediatorDoc, stored: MediatorDoc): { config?: Record<string, unknown> } {
  if (sent.config === undefined) return {};
  const entries = Object.entries(sent.config).map(([param, value]) => [param, stored.config?.[param] ?? value]);
  return { config: Object.fromEntries(entries) };
}

function passwordParams(doc: MediatorDoc): string[] {
  return (doc.configDefs ?? []).filter((def) => def.type === 'password' && def.array !== true).map((def) => def.param);
}

function masked(doc: MediatorDoc): MediatorDoc {
  if (doc.config === undefined) return doc;
  const config = { ...doc.config };
  for (const param of passwordParams(doc)) if (config[param]) config[param] = MASK;
  return { ...doc, config };
}

function unmasked(doc: MediatorDoc, body: unknown): Record<string, unknown> {
  const config = { ...(body as Record<string, unknown>) };
  for (const param of passwordParams(doc)) if (config[param] === MASK) config[param] = doc.config?.[param];
  return config;
}
