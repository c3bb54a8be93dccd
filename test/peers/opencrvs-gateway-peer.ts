import { z } from 'zod';
import { type Field, GraphqlSyntaxError, parseOperation } from './graphql-document.js';
import { GraphqlValidationError, selected, validateOperation } from './graphql-schema.js';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import type { OpenCrvsEventsPeer } from './opencrvs-events-peer.js';
import { recordFields } from './opencrvs-gateway-fields.js';
import { CODES, Confirmation, type Identifier, INPUTS, Rejection, SCHEMA } from './opencrvs-gateway-schema.js';
import { ResolverError } from './opencrvs-resolver-error.js';
import { OpenCrvsSearch } from './opencrvs-search.js';
import { type Claims, frameworkError, type OpenCrvsSystem } from './opencrvs-system.js';

/** A FHIR record of 1.7 to 1.9, as far as the gateway's answers depend on it. */
export interface GatewayRecord {
  readonly event: 'BIRTH' | 'DEATH';
  status: string;
  /** In order of writing: the gateway looks at no status, so a second confirmation writes a second number. */
  readonly registrationNumbers: string[];
  /** Of the child or the deceased; `upsert` adds and never replaces. */
  readonly identifiers: { readonly type: string; readonly value: string }[];
  readonly comments: string[];
  /** The FHIR bundle that it is shown from; without one only what is above is known. */
  readonly bundle?: unknown;
}

const Body = z.object({
  operationName: z.string().nullish(),
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).default({}),
});

const errors = (message: string, code: string, extra: object = {}, status = 200): PeerReply =>
  json({ errors: [{ message, locations: [{ line: 1, column: 1 }], extensions: { code } }], ...extra }, status);

/** What the resolvers show of a child or a deceased. */
const Subject = z.looseObject({ identifier: z.array(z.unknown()).default([]) });

type Variables = Readonly<Record<string, unknown>>;

/**
 * The GraphQL gateway of 1.7 to 1.9 with the workflow service behind it. An error is HTTP 200 with `errors[]`, unless
 * the document itself is wrong; confirmations and identifiers are written again whenever they come again.
 */
export class OpenCrvsGatewayPeer extends HttpPeer {
  readonly #system: OpenCrvsSystem;
  readonly #events: Pick<OpenCrvsEventsPeer, 'answer'> | undefined;
  readonly records = new Map<string, GatewayRecord>();
  /** For clients of type RECORD_SEARCH. */
  readonly search: OpenCrvsSearch;
  /** The user service, which the gateway asks who the owner of a token is. */
  userService: 'up' | 'down' = 'up';
  registrarStatus: 'active' | 'deactivated' = 'active';
  /** Off in every version that there is: the rejection wants a scope that no record token has. */
  takesRejections = false;

  /** `events`: the events service behind the same gateway, in 1.9. */
  constructor(system: OpenCrvsSystem, events?: Pick<OpenCrvsEventsPeer, 'answer'>) {
    super();
    this.#system = system;
    this.#events = events;
    this.search = new OpenCrvsSearch(() => system.now());
  }

  /** A record that waits for external validation, unless told otherwise. */
  addRecord(id: string, record: Partial<GatewayRecord> = {}): GatewayRecord {
    const { event = 'BIRTH', status = 'WAITING_VALIDATION' } = record;
    const { registrationNumbers = [], identifiers = [], comments = [] } = record;
    const { bundle } = record;
    const added = { event, status, registrationNumbers, identifiers, comments, bundle };
    this.records.set(id, added);
    return added;
  }

  protected override answer(request: ReceivedRequest): PeerReply | Promise<PeerReply> {
    if (this.#events !== undefined && request.path.startsWith('/events/')) return this.#events.answer(request);
    if (`${request.method} ${request.path}` !== 'POST /graphql') return frameworkError(404);
    if (!String(request.headers['content-type'] ?? '').startsWith('application/json')) {
      return errors('This operation has been blocked as a potential CSRF.', 'BAD_REQUEST', {}, 400);
    }
    const body = Body.safeParse(parsed(request.body));
    if (!body.success) return frameworkError(400, 'Invalid request payload JSON format');
    return this.#run(request, body.data);
  }

  #run(request: ReceivedRequest, { query, operationName, variables }: z.infer<typeof Body>): PeerReply {
    try {
      const operation = parseOperation(query);
      if (operationName != null && operationName !== operation.name) {
        return errors(`Unknown operation named "${operationName}".`, 'OPERATION_RESOLUTION_FAILURE', {}, 400);
      }
      validateOperation(SCHEMA, operation);
      const wrong = [...operation.variables].find(([name, type]) => !INPUTS[type]?.safeParse(variables[name]).success);
      if (wrong !== undefined) return errors(`Variable "$${wrong[0]}" got invalid value.`, 'BAD_USER_INPUT');
      const data: Record<string, unknown> = {};
      for (const selection of operation.selections) {
        if ('on' in selection) throw new GraphqlValidationError('No fragment can be here.');
        try {
          data[selection.name] = selected(this.#resolve(selection, request, variables), selection.selections);
        } catch (thrown) {
          if (!(thrown instanceof ResolverError)) throw thrown;
          // A mutation's result is never null, so its error empties the whole; a query's record may be.
          const left = operation.kind === 'query' ? { ...data, [selection.name]: null } : null;
          return errors(thrown.message, thrown.code, { data: left }, thrown.status);
        }
      }
      return json({ data });
    } catch (thrown) {
      if (thrown instanceof GraphqlSyntaxError) return errors(thrown.message, 'GRAPHQL_PARSE_FAILED', {}, 400);
      if (thrown instanceof GraphqlValidationError) {
        return errors(thrown.message, 'GRAPHQL_VALIDATION_FAILED', {}, 400);
      }
      throw thrown;
    }
  }

  #resolve(field: Field, request: ReceivedRequest, variables: Variables): unknown {
    const claims = this.#authenticate(request);
    const argument = (name: string): unknown => variables[field.arguments.get(name) ?? ''];
    const id = String(argument('id'));
    switch (field.name) {
      case 'fetchRegistration':
        return this.#fetch(id);
      case 'fetchBirthRegistration':
        throw new ResolverError('User does not have enough scope');
      case 'searchEvents':
        return this.search.answer(claims.scope, {
          parameters: argument('advancedSearchParameters'),
          count: argument('count'),
          skip: argument('skip'),
          sort: argument('sort'),
        });
      case 'confirmRegistration':
        return this.#confirm(claims, id, Confirmation.parse(argument('details')));
      case 'rejectRegistration':
        return this.#reject(claims, id, Rejection.parse(argument('details')));
      default:
        return this.#addIdentifier(claims, id, {
          type: String(argument('identifierType')),
          value: String(argument('identifierValue')),
        });
    }
  }

  /** Whatever goes wrong here comes out as the same code. */
  #authenticate(request: ReceivedRequest): Claims {
    const authentication = this.#system.authenticate(request, 'gateway');
    if ('refusal' in authentication) throw new ResolverError('Unauthorized', 'UNAUTHENTICATED');
    if (this.userService === 'down') {
      throw new ResolverError('FetchError: request to http://user-mgnt:3030/getUser failed', 'UNAUTHENTICATED');
    }
    const { sub, scope } = authentication.claims;
    // Whoever may not search is looked for among the users.
    const owner = scope.includes('recordsearch')
      ? { isKnown: sub === this.#system.systemId, status: this.#system.status }
      : { isKnown: sub === this.#system.registrarId, status: this.registrarStatus };
    if (!owner.isKnown || owner.status !== 'active') {
      throw new ResolverError('Authentication failed', 'UNAUTHENTICATED');
    }
    return authentication.claims;
  }

  #fetch(id: string): unknown {
    const record = this.records.get(id);
    if (record === undefined) throw new ResolverError(`Failed to fetch record ${id}`);
    const added = record.identifiers.map(({ type, value }) => ({ type, id: value }));
    const shown: Readonly<Record<string, unknown>> = record.bundle === undefined ? {} : recordFields(record.bundle);
    const subject = (name: 'child' | 'deceased') => {
      const person = Subject.parse(shown[name] ?? {});
      return { ...person, identifier: [...person.identifier, ...added] };
    };
    const registration = {
      registrationNumber: record.registrationNumbers[0],
      trackingId: this.search.index.find((indexed) => indexed.id === id)?.trackingId,
      status: [{ type: record.status }, ...(record.status === 'DECLARED' ? [] : [{ type: 'DECLARED' }])],
    };
    return record.event === 'BIRTH'
      ? { ...shown, __typename: 'BirthRegistration', id, registration, child: subject('child') }
      : { ...shown, __typename: 'DeathRegistration', id, registration, deceased: subject('deceased') };
  }

  #confirm(claims: Claims, id: string, details: z.infer<typeof Confirmation>): string {
    if (!claims.scope.includes('record.confirm-registration')) {
      throw new ResolverError('User does not have a Confirm Registration scope');
    }
    const record = this.#open(claims, id, 'Failed to confirm registration');
    record.registrationNumbers.push(details.registrationNumber);
    record.status = 'REGISTERED';
    if (details.comment != null) record.comments.push(details.comment);
    for (const given of record.event === 'BIRTH' ? (details.identifiers ?? []) : []) {
      const at = record.identifiers.findIndex(({ type }) => type === given.type);
      record.identifiers.splice(at < 0 ? record.identifiers.length : at, 1, this.#supported(given));
    }
    return `task-of-${id}`;
  }

  #reject(claims: Claims, id: string, details: z.infer<typeof Rejection>): string {
    if (!claims.scope.includes('record.reject-registration')) {
      throw new ResolverError('User does not have a Reject Registration" scope');
    }
    const record = this.#open(claims, id, 'Error in rejectRegistration');
    if (!this.takesRejections) throw new ResolverError('Error in rejectRegistration: Forbidden');
    record.status = 'REJECTED';
    record.comments.push(details.reason);
    return `task-of-${id}`;
  }

  #addIdentifier(claims: Claims, id: string, identifier: z.infer<typeof Identifier>): string {
    const record = this.#open(claims, id, 'Failed to confirm registration');
    record.identifiers.push(this.#supported(identifier));
    return `task-of-${id}`;
  }

  #open(claims: Claims, id: string, failure: string): GatewayRecord {
    if (claims.recordId !== id) throw new ResolverError('User does not have access to the record');
    const record = this.records.get(id);
    // The workflow service does not check what the search service answers, and stumbles over it.
    if (record === undefined) throw new ResolverError(`${failure}: Internal Server Error`);
    return record;
  }

  /** Stricter than the real gateway, which stores any text and fails when the record is shown. */
  #supported(identifier: z.infer<typeof Identifier>): z.infer<typeof Identifier> {
    if (CODES.has(identifier.type)) return identifier;
    throw new ResolverError('Failed to confirm registration: Internal Server Error');
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
