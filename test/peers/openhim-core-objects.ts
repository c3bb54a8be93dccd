import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { json, type PeerReply } from './http-peer.js';
import { ChannelDoc, keptOfChannel } from './openhim-core-rules.js';
import { isObject, orchestrationFaults, responseFaults } from './openhim-envelope-rules.js';
import type { StoredResponse, Transaction } from './openhim-transaction.js';

/** Core's answer where it sets no body of its own, because basic authentication leaves one (openhim.md fact 8). */
export const bodyless = (status: number): PeerReply => text(status, 'User Authenticated Successfully');

export function text(status: number, body: string): PeerReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

const objectId = (): string => randomBytes(12).toString('hex');

const Permissions = z.record(z.string(), z.union([z.boolean(), z.array(z.string())]));
const Role = z.looseObject({ name: z.string().min(1), permissions: Permissions.default({}) });
const User = z.looseObject({
  email: z.string().min(1),
  firstname: z.string().min(1),
  surname: z.string().min(1),
  groups: z.array(z.string()).default([]),
});
const Client = z.looseObject({
  clientID: z.string().min(1),
  name: z.string().min(1),
  roles: z.array(z.string()),
  passwordAlgorithm: z.string().optional(),
  passwordHash: z.string().optional(),
  passwordSalt: z.string().optional(),
});

export type CoreRole = z.infer<typeof Role>;
export type CoreUser = z.infer<typeof User> & { locked?: boolean; token?: string | null };
export type CoreClient = z.infer<typeof Client> & { readonly _id: string };

/** A channel as core saves it: known members, defaults, ids; a text when it refuses to. */
export function savedChannel(sent: unknown): ChannelDoc | string {
  const parsed = ChannelDoc.safeParse(keptOfChannel(sent));
  if (!parsed.success) return `ValidationError: ${parsed.error.issues[0]?.path.join('.')}`;
  const channel = parsed.data;
  const primaries = channel.routes.filter(({ primary, status }) => primary === true && status === 'enabled').length;
  if (primaries === 0) return 'Channel must have a primary route';
  if (primaries > 1) return 'Channel cannot have a multiple primary routes';
  if (new Set(channel.methods).size < channel.methods.length) return "Channel methods can't be repeated.";
  return {
    _id: objectId(),
    addAutoRewriteRules: true,
    properties: [],
    ...channel,
    routes: channel.routes.map((route) => ({ _id: objectId(), ...route })),
  };
}

interface Call {
  readonly user: CoreUser;
  readonly method: string;
  /** Segments of the path, the first one left out. */
  readonly names: readonly string[];
  readonly body: unknown;
}

/**
 * What an administrator of OpenHIM core sets up: users, roles, clients and channels, and the transactions that a
 * mediator may change. Written from `src/api` of core, at its tag v8.5.0 and, with `hasRoles`, as it became after it.
 */
export class OpenHimCoreObjects {
  readonly users = new Map<string, CoreUser>();
  /** Undefined in core 8.5.0, where the group admin may do everything and all others nothing. */
  readonly roles: Map<string, CoreRole> | undefined;
  readonly clients: CoreClient[] = [];
  readonly channels: ChannelDoc[] = [];
  /** The transactions of the router beside this API. */
  transactionOf: (id: string) => Transaction | undefined = () => undefined;
  /** Bcrypt hashes, in core. */
  readonly #passwords = new Map<string, string>();

  constructor(hasRoles: boolean) {
    const all = { 'mediator-manage-all': true, 'channel-manage-all': true, 'client-manage-all': true };
    const admin = { ...all, 'user-view': true, 'user-manage': true, 'user-role-view': true, 'user-role-manage': true };
    if (hasRoles) this.roles = new Map([['admin', { name: 'admin', permissions: admin }]]);
  }

  addUser(email: string, password: string, groups: readonly string[]): CoreUser {
    const user = { email, firstname: 'A', surname: 'User', groups: [...groups] };
    this.users.set(email, user);
    this.#passwords.set(email, password);
    return user;
  }

  setPassword(email: string, password: string): void {
    this.#passwords.set(email, password);
  }

  /** The user of these credentials; one who never got a password is nobody. */
  authenticate(email: string, password: string): CoreUser | undefined {
    return this.#passwords.get(email) === password ? this.users.get(email) : undefined;
  }

  /** Whether core's router lets a client in with this password (`middleware/basicAuthentication.js`). */
  isClient(clientId: string, password: string): boolean {
    const client = this.clients.find(({ clientID }) => clientID === clientId);
    if (client?.passwordAlgorithm === undefined || client.passwordHash === undefined) return false;
    const hash = createHash(client.passwordAlgorithm)
      .update(password)
      .update(client.passwordSalt ?? '');
    return hash.digest('hex') === client.passwordHash;
  }

  /** Undefined when allowed: one of the permission, its broader form, or its form for one resource. */
  refusal(user: CoreUser, permission: string, resource?: string): PeerReply | undefined {
    const { email, groups } = user;
    if (this.roles === undefined) {
      return groups.includes('admin') ? undefined : text(403, `User ${email} is not an admin, API access denied.`);
    }
    const names = [permission, permission.replace('view', 'manage')];
    const roles = groups.flatMap((group) => this.roles?.get(group) ?? []);
    const isAllowed = roles.some(({ permissions }) =>
      names.some((name) => {
        const some = permissions[name.replace('-all', '-specified')];
        return permissions[name] === true || (resource !== undefined && Array.isArray(some) && some.includes(resource));
      }),
    );
    return isAllowed ? undefined : text(403, `User ${email} does not have the "${permission}" permission.`);
  }

  /** Undefined where the path is none of these. */
  answer(root: string, call: Call): PeerReply | undefined {
    switch (root) {
      case 'users':
        return this.#onUsers(call);
      case 'roles':
        return this.#onRoles(call);
      case 'clients':
        return this.#onClients(call);
      case 'channels':
        return this.#onChannels(call);
      case 'transactions':
        return this.#onTransaction(call);
      default:
        return undefined;
    }
  }

  /** Who follows the link of the mail to a new user. Needs no authentication. */
  answerToken(method: string, token: string, body: unknown): PeerReply {
    const user = [...this.users.values()].find((candidate) => candidate.token === token);
    if (user === undefined || method !== 'PUT') return text(404, `User with token ${token} could not be found.`);
    const { password } = (body ?? {}) as { password?: string };
    if (password !== undefined) this.#passwords.set(user.email, password);
    Object.assign(user, { token: null, locked: false });
    return text(200, 'Successfully set new user password.');
  }

  #onUsers({ user, method, names: [email], body }: Call): PeerReply {
    const isOwn = email?.toLowerCase() === user.email;
    const refused = this.refusal(user, method === 'GET' ? 'user-view' : 'user-manage');
    if (refused !== undefined && !isOwn) return refused;
    if (email === undefined) return method === 'POST' ? this.#addUser(body) : json([...this.users.values()]);
    const known = [...this.users.values()].find((candidate) => candidate.email.toLowerCase() === email.toLowerCase());
    if (known === undefined) return text(404, `User with email ${email} could not be found.`);
    if (method === 'GET') return json(known);
    const { password, groups, ...others } = (body ?? {}) as Partial<CoreUser> & { password?: string };
    // Nobody but an administrator changes groups.
    Object.assign(known, others, groups === undefined || refused !== undefined ? {} : { groups });
    if (typeof password === 'string') {
      this.#passwords.set(known.email, password);
      Object.assign(known, { token: null, locked: false });
    }
    return text(200, 'Successfully updated user.');
  }

  /** A password sent along is stored as it came, not hashed: nobody can log in with it. */
  #addUser(body: unknown): PeerReply {
    const parsed = User.safeParse(body);
    if (!parsed.success) return text(500, 'Could not add user via the API ValidationError');
    const { password: _, ...user } = parsed.data;
    const email = user.email.toLowerCase();
    if (this.users.has(email))
      return text(500, 'Could not add user via the API MongoServerError: E11000 duplicate key');
    this.users.set(email, { ...user, email, locked: true, token: objectId() });
    return text(201, 'User successfully created');
  }

  #onRoles({ user, method, names: [name], body }: Call): PeerReply {
    const refused = this.refusal(user, method === 'GET' ? 'user-role-view' : 'user-role-manage');
    if (refused !== undefined) return refused;
    if (this.roles === undefined) {
      if (method === 'GET') return json(this.#clientRoles());
      return text(400, 'Must specify at least one channel or client to link the role to');
    }
    if (method === 'GET' && name === undefined) return json([...this.roles.values()]);
    if (method === 'POST') {
      const parsed = Role.safeParse(body);
      if (!parsed.success) return text(400, 'Must specify a role name');
      const isTaken = this.clients.some(({ clientID }) => clientID === parsed.data.name);
      if (isTaken) return text(409, 'Role name matches an existing clientID');
      if (this.roles.has(parsed.data.name)) return text(400, 'E11000 duplicate key error');
      this.roles.set(parsed.data.name, parsed.data);
      return text(201, 'Role successfully created');
    }
    const known = this.roles.get(name ?? '');
    if (known === undefined) return text(404, `Role ${name} does not exist`);
    if (method === 'PUT') Object.assign(known, body);
    return method === 'GET' ? json(known) : text(200, 'Successfully updated role');
  }

  /** In core 8.5.0 a role is nothing but a word that clients and channels share. */
  #clientRoles(): unknown[] {
    const names = new Set([
      ...this.channels.flatMap(({ allow }) => allow),
      ...this.clients.flatMap(({ roles }) => roles),
    ]);
    return [...names].map((name) => ({
      name,
      channels: this.channels.filter(({ allow }) => allow.includes(name)).map((channel) => ({ name: channel.name })),
      clients: this.clients.filter(({ roles }) => roles.includes(name)).map(({ clientID }) => ({ clientID })),
    }));
  }

  #onClients({ user, method, names: [id], body }: Call): PeerReply {
    const refused = this.refusal(user, method === 'GET' ? 'client-view-all' : 'client-manage-all', id);
    if (refused !== undefined) return refused;
    if (id !== undefined) {
      const known = this.clients.find(({ _id }) => _id === id);
      if (method !== 'PUT') return known === undefined ? text(404, `Client with id ${id} not found.`) : json(known);
      // An unknown one is updated without a word.
      if (known !== undefined) Object.assign(known, body, { _id: known._id });
      return text(200, 'Successfully updated client.');
    }
    if (method !== 'POST') return json(this.clients);
    const parsed = Client.safeParse(body);
    if (!parsed.success) return text(400, `Client validation failed: ${parsed.error.issues[0]?.path.join('.')}`);
    const { clientID, roles } = parsed.data;
    if (roles.includes(clientID)) return text(400, `ClientID '${clientID}' cannot be the same as a role name.`);
    const conflicts =
      this.roles?.has(clientID) ??
      (this.channels.some(({ allow }) => allow.includes(clientID)) ||
        this.clients.some((client) => client.roles.includes(clientID)));
    if (conflicts) return text(409, `A role name conflicts with clientID '${clientID}'.`);
    if (this.clients.some((client) => client.clientID === clientID)) return text(400, 'E11000 duplicate key error');
    this.clients.push({ ...parsed.data, _id: objectId() });
    return text(201, 'Client successfully created');
  }

  #onChannels({ user, method, names: [id], body }: Call): PeerReply {
    const refused = this.refusal(user, method === 'GET' ? 'channel-view-all' : 'channel-manage-all', id);
    if (refused !== undefined) return refused;
    if (id === undefined) return method === 'POST' ? this.#addChannel(body) : json(this.channels);
    const index = this.channels.findIndex((channel) => channel['_id'] === id);
    const known = this.channels[index];
    if (known === undefined) {
      return method === 'PUT'
        ? text(500, 'Internal Server Error')
        : text(404, `We could not find a channel with Id:'${id}'.`);
    }
    if (method !== 'PUT') return json(known);
    const saved = savedChannel({ ...known, ...(isObject(body) ? body : {}) });
    if (typeof saved === 'string') return text(400, saved);
    this.channels[index] = { ...saved, _id: id };
    return text(200, 'The channel was successfully updated');
  }

  #addChannel(body: unknown): PeerReply {
    const saved = savedChannel(body);
    if (typeof saved === 'string') return text(400, saved);
    if (this.channels.some(({ name }) => name === saved.name)) {
      return text(400, 'Could not add channel via the API: MongoServerError: E11000 duplicate key error');
    }
    this.channels.push(saved);
    return text(201, 'Channel successfully created');
  }

  #onTransaction({ user, method, names: [id = ''], body }: Call): PeerReply {
    const transaction = this.transactionOf(id);
    // The update of one that is not there ends in a TypeError.
    if (transaction === undefined) {
      return method === 'PUT'
        ? text(500, 'Could not update transaction via the API: TypeError')
        : text(404, `Could not find transaction with ID: ${id}`);
    }
    const permission = method === 'PUT' ? 'channel-manage-all' : 'channel-view-all';
    const refused = this.refusal(user, permission, String(transaction.channel['_id']));
    if (refused !== undefined) return refused;
    if (method !== 'PUT') return json({ _id: id, status: transaction.status, response: transaction.response });
    return this.#update(transaction, isObject(body) ? body : {});
  }

  /** Top-level members replace what is stored; `$push` adds. A non-null `error` queues a retry (openhim.md 6.1). */
  #update(transaction: Transaction, update: Record<string, unknown>): PeerReply {
    const { status, response, properties, error, orchestrations, $push } = update;
    const pushed = isObject($push) && isObject($push['orchestrations']) ? $push['orchestrations']['$each'] : [];
    const added = Array.isArray(pushed) ? pushed : [];
    transaction.faults = [
      ...transaction.faults,
      ...(response === undefined ? [] : responseFaults(response)),
      ...added.flatMap((item, index) => orchestrationFaults(item, `pushed orchestrations[${index}]`)),
    ];
    if (typeof status === 'string') transaction.status = status;
    if (isObject(response)) transaction.response = response as unknown as StoredResponse;
    if (properties !== undefined) transaction.properties = properties;
    if (Array.isArray(orchestrations)) transaction.orchestrations = orchestrations;
    transaction.orchestrations.push(...added);
    if (error !== undefined && error !== null) {
      transaction.error = error;
      transaction.autoRetry = true;
    }
    return text(200, `Transaction with ID: ${transaction.id} successfully updated`);
  }
}
