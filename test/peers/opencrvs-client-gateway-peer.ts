import { z } from 'zod';
import { type Field, GraphqlSyntaxError, parseOperation } from './graphql-document.js';
import { type GraphqlSchema, GraphqlValidationError, selected, validateOperation } from './graphql-schema.js';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { frameworkError, type OpenCrvsSystem } from './opencrvs-system.js';
import { adminScopeOf, type OpenCrvsUserMgntPeer } from './opencrvs-user-mgnt-peer.js';

/** The mutations about system clients (core@v1.2.0, v1.9.0 gateway/src/graphql/schema.graphql). */
const SCHEMA: GraphqlSchema = {
  types: {
    Query: {},
    Mutation: {
      registerSystem: { arguments: { system: 'SystemInput' }, type: 'SystemSecret' },
      deactivateSystem: { arguments: { clientId: 'ID!' }, type: 'System' },
      reactivateSystem: { arguments: { clientId: 'ID!' }, type: 'System' },
      refreshSystemSecret: { arguments: { clientId: 'String!' }, type: 'SystemSecret' },
      deleteSystem: { arguments: { clientId: 'ID!' }, type: 'System' },
    },
    SystemSecret: { clientSecret: {}, system: { type: 'System' } },
    System: { _id: {}, clientId: {}, shaSecret: {}, status: {}, name: {}, type: {} },
  },
  implementations: {},
};

const Body = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()) });

const failure = (message: string, code: string, status = 200): PeerReply =>
  json({ errors: [{ message, extensions: { code } }], ...(status === 200 ? { data: null } : {}) }, status);

/** The gateway of 1.2 to 1.9 before a user-mgnt: it hides what that one says behind words of its own. */
export class OpenCrvsClientGatewayPeer extends HttpPeer {
  readonly #admin: OpenCrvsSystem;
  readonly #userMgnt: OpenCrvsUserMgntPeer;
  readonly #minor: number;

  constructor(admin: OpenCrvsSystem, userMgnt: OpenCrvsUserMgntPeer, minor: number) {
    super();
    this.#admin = admin;
    this.#userMgnt = userMgnt;
    this.#minor = minor;
  }

  protected override async answer(request: ReceivedRequest): Promise<PeerReply> {
    if (`${request.method} ${request.path}` !== 'POST /graphql') return frameworkError(404);
    const authentication = this.#admin.authenticate(request, 'gateway');
    if ('refusal' in authentication) return failure('Authentication failed', 'UNAUTHENTICATED', 400);
    try {
      const { query, variables } = Body.parse(JSON.parse(request.body.toString('utf8')));
      const operation = parseOperation(query);
      validateOperation(SCHEMA, operation);
      const [field] = operation.selections;
      if (field === undefined || 'on' in field) throw new GraphqlValidationError('No fragment can be here.');
      if (!authentication.claims.scope.includes(adminScopeOf(this.#minor))) {
        return failure('Not allowed for this user', 'INTERNAL_SERVER_ERROR');
      }
      return await this.#forward(field, variables, String(request.headers['authorization']));
    } catch (thrown) {
      if (!(thrown instanceof GraphqlSyntaxError || thrown instanceof GraphqlValidationError)) throw thrown;
      return failure(thrown.message, 'GRAPHQL_VALIDATION_FAILED', 400);
    }
  }

  async #forward(
    field: Field,
    variables: Readonly<Record<string, unknown>>,
    authorization: string,
  ): Promise<PeerReply> {
    const given = variables[[...field.arguments.values()][0] ?? ''];
    const response = await fetch(`${this.#userMgnt.url}/${field.name}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(field.name === 'registerSystem' ? given : { clientId: given }),
    });
    if (!response.ok) {
      return failure('Something went wrong on user management service.', 'INTERNAL_SERVER_ERROR');
    }
    return json({ data: { [field.name]: selected(await response.json(), field.selections) } });
  }
}
