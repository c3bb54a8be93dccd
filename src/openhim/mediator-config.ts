import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SettingsError } from '../config/index.js';

/** The shipped file, beside `src` and `dist` alike. */
export const MEDIATOR_FILE = join(import.meta.dirname, '..', '..', 'mediator.json');

const Text = z.string().min(1);
const Port = z.number().int().min(1).max(65_535);

/** Fields of core's RouteDef that we rely on; what else a country adds is passed on (openhim.md 1.3). */
const Route = z.looseObject({
  name: Text,
  host: Text,
  port: Port,
  primary: z.boolean().optional(),
  status: z.enum(['enabled', 'disabled']).optional(),
  username: Text.optional(),
  password: Text.optional(),
});

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
};

/** Core installs a channel without checking it: what would make it useless there is found here (openhim.md 6, 7.4). */
const Channel = z
  .looseObject({
    name: Text,
    urlPattern: Text.refine(isPattern, 'must be a regular expression'),
    // A channel without methods never matches (openhim.md section 0, fact 6).
    methods: z.array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])).min(1),
    requestBody: z.boolean().optional(),
    autoRetryEnabled: z.boolean().optional(),
    routes: z
      .array(Route)
      .refine(
        (routes) => routes.filter((route) => route.primary === true && route.status !== 'disabled').length === 1,
        'must hold exactly one enabled primary route',
      ),
  })
  .refine(({ autoRetryEnabled, requestBody }) => autoRetryEnabled !== true || requestBody !== false, {
    path: ['requestBody'],
    message: 'must be true with auto-retry: core cannot send again what it has not stored',
  });

const ConfigDef = z.looseObject({
  param: Text,
  type: z.enum(['string', 'bool', 'number', 'option', 'bigstring', 'map', 'struct', 'password']),
  values: z.array(z.string()).min(1).optional(),
});

const MediatorJson = z
  .looseObject({
    // Core decodes the name in its address twice: one that needs no encoding is the same after it (openhim.md 1.2).
    urn: z.string().regex(/^urn(:[A-Za-z0-9._-]+)+$/, 'must be urn:… of letters, digits, ".", "_" and "-"'),
    version: z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'must be a semantic version such as 1.2.3'),
    name: Text,
    description: z.string(),
    endpoints: z.array(Route).min(1),
    defaultChannelConfig: z.array(Channel).min(1),
    configDefs: z.array(ConfigDef),
    config: z.record(z.string(), z.unknown()),
  })
  .superRefine(({ configDefs, config }, context) => {
    for (const param of Object.keys(config)) {
      if (!configDefs.some((def) => def.param === param)) {
        context.addIssue({ code: 'custom', path: ['config', param], message: 'has no configDef' });
      }
    }
  });

/** What is sent to OpenHIM core to register. */
export type MediatorConfig = z.infer<typeof MediatorJson>;

/** How OpenHIM core reaches this deployment, where it differs from the file. */
export interface MediatorRouting {
  readonly host?: string;
  readonly port?: number;
  /** Whether our listener speaks TLS. */
  readonly secured?: boolean;
  /** What our own authenticated routes ask of a caller; core presents it as basic authentication. */
  readonly inbound?: { readonly username: string; readonly password: string };
}

/** The routing that an address of ours stands for. */
export function routingTo(url: string | undefined): MediatorRouting {
  if (url === undefined) return {};
  const { hostname, port, protocol } = new URL(url);
  const isSecured = protocol === 'https:';
  return { host: hostname, port: Number(port) || (isSecured ? 443 : 80), secured: isSecured };
}

/** Addresses at which our routes ask for inbound authentication: a channel that matches one needs the credentials. */
const AUTHENTICATED_PATHS = ['/fhir/metadata', '/verify'];

function parse(path: string): MediatorConfig {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new SettingsError([{ setting: path, expected: 'a readable JSON file' }]);
  }
  const parsed = MediatorJson.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    parsed.error.issues.map((issue) => ({ setting: `${path} ${issue.path.join('.')}`, expected: issue.message })),
  );
}

/**
 * Reads `mediator.json` and completes its routes for this deployment. The file holds no secret: the password of the
 * authenticated routes is filled in here.
 *
 * @throws SettingsError with every fault of the file
 */
export function loadMediatorConfig(path: string, routing: MediatorRouting = {}): MediatorConfig {
  const { host, port, secured, inbound } = routing;
  const file = parse(path);
  const address = {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(secured === undefined ? {} : { secured }),
  };
  return {
    ...file,
    endpoints: file.endpoints.map((endpoint) => ({ ...endpoint, ...address })),
    defaultChannelConfig: file.defaultChannelConfig.map((channel) => {
      const pattern = new RegExp(channel.urlPattern);
      const isAuthenticated = AUTHENTICATED_PATHS.some((path) => pattern.test(path));
      const credentials =
        isAuthenticated && inbound !== undefined ? { username: inbound.username, password: inbound.password } : {};
      return { ...channel, routes: channel.routes.map((route) => ({ ...route, ...address, ...credentials })) };
    }),
  };
}
