import { z } from 'zod';

/** A route, with every member that core keeps: it drops all others without a word (`model/channels.js`; openhim.md 1.3). */
const RouteDoc = z.object({
  _id: z.string().optional(),
  name: z.string().min(1),
  type: z.enum(['http', 'kafka']).default('http'),
  status: z.enum(['enabled', 'disabled']).default('enabled'),
  secured: z.boolean().optional(),
  host: z.string().optional(),
  port: z.number().min(0).max(65_536).optional(),
  cert: z.string().optional(),
  path: z.string().optional(),
  pathTransform: z.string().optional(),
  primary: z.boolean().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  forwardAuthHeader: z.boolean().default(false),
  waitPrimaryResponse: z.boolean().optional(),
  statusCodesCheck: z.string().optional(),
  kafkaClientId: z.string().optional(),
  kafkaTopic: z.string().optional(),
});

/** A channel, with the members that the peers act on; see {@link keptOfChannel}. */
export const ChannelDoc = z.looseObject({
  name: z.string().min(1),
  urlPattern: z.string().min(1),
  type: z.enum(['http', 'tcp', 'tls', 'polling']).default('http'),
  methods: z
    .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']))
    .default([]),
  timeout: z.number().min(1).max(3_600_000).optional(),
  priority: z.number().min(1).optional(),
  requestBody: z.boolean().optional(),
  responseBody: z.boolean().optional(),
  allow: z.array(z.string()).default([]),
  authType: z.enum(['private', 'public']).default('private'),
  routes: z.array(RouteDoc).default([]),
  status: z.enum(['enabled', 'disabled', 'deleted']).default('enabled'),
  autoRetryEnabled: z.boolean().default(false),
  autoRetryPeriodMinutes: z.number().min(1).default(60),
  autoRetryMaxAttempts: z.number().min(0).optional(),
});

export type RouteDoc = z.infer<typeof RouteDoc>;
export type ChannelDoc = z.infer<typeof ChannelDoc>;

const namesIn = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const CHANNEL_MEMBERS =
  namesIn(`name description urlPattern isAsynchronousProcess maxBodyAgeDays lastBodyCleared timeout methods
  type priority tcpPort tcpHost pollingSchedule requestBody responseBody allow whitelist authType routes matchContentTypes
  matchContentRegex matchContentXpath matchContentJson matchContentValue properties txViewAcl txViewFullAcl txRerunAcl
  alerts status rewriteUrls addAutoRewriteRules rewriteUrlsConfig autoRetryEnabled autoRetryPeriodMinutes
  autoRetryMaxAttempts`);
const CONFIG_DEF_MEMBERS = namesIn('param displayName description type values template array');
const MEDIATOR_MEMBERS = namesIn('urn version name description endpoints defaultChannelConfig configDefs config');

function kept<T extends object>(sent: T, names: ReadonlySet<string>): T {
  // What is left out is optional: what core needs is checked apart.
  return Object.fromEntries(Object.entries(sent).filter(([name]) => names.has(name))) as T;
}

/** The members of a channel that core's schema names (`model/channels.js`). */
export const keptOfChannel = (sent: unknown): unknown => kept(sent ?? {}, CHANNEL_MEMBERS);

const TYPES = ['string', 'bool', 'number', 'option', 'bigstring', 'map', 'struct', 'password'] as const;

export interface ConfigDefDoc {
  readonly param: string;
  readonly type: string;
  readonly values?: readonly unknown[];
  readonly template?: readonly ConfigDefDoc[];
  readonly array?: boolean;
}

export interface MediatorDoc {
  readonly urn: string;
  readonly version: string;
  readonly name?: string;
  readonly endpoints?: readonly unknown[];
  readonly defaultChannelConfig?: readonly ChannelDoc[];
  readonly configDefs?: readonly ConfigDefDoc[];
  readonly config?: Record<string, unknown>;
}

const SEMVER = /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** What core checks of every mediator, known or new, in its order; gives the reason of the first fault. */
export function checkMediator(body: unknown): MediatorDoc | string {
  const sent = kept((body ?? {}) as Partial<MediatorDoc>, MEDIATOR_MEMBERS);
  if (!sent.urn) return 'URN is required';
  if (!sent.version || !SEMVER.test(sent.version)) return 'Version is required. Must be in SemVer form x.y.z';
  try {
    for (const def of sent.configDefs ?? []) checkConfigDef(def);
    if (sent.configDefs !== undefined && sent.config !== undefined) checkParams(sent.configDefs, sent.config);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
  const channels = z.array(z.preprocess(keptOfChannel, ChannelDoc)).safeParse(sent.defaultChannelConfig);
  const endpoints = z.array(RouteDoc).safeParse(sent.endpoints);
  return {
    ...sent,
    urn: sent.urn,
    version: sent.version,
    // Defaults are filled in when they fit; a bad channel or endpoint is found only for a new mediator.
    ...(channels.success ? { defaultChannelConfig: channels.data } : {}),
    ...(endpoints.success ? { endpoints: endpoints.data } : {}),
    ...(sent.configDefs === undefined
      ? {}
      : { configDefs: sent.configDefs.map((def) => kept(def, CONFIG_DEF_MEMBERS)) }),
  };
}

/** What core checks besides of a mediator it does not know yet. */
export function checkNewMediator(mediator: MediatorDoc): string | undefined {
  if (mediator.endpoints === undefined || mediator.endpoints.length < 1) return 'At least 1 endpoint is required';
  const schema = z.looseObject({
    name: z.string().min(1),
    endpoints: z.array(RouteDoc),
    defaultChannelConfig: z.array(ChannelDoc).optional(),
    configDefs: z.array(z.looseObject({ type: z.enum(TYPES) })).optional(),
  });
  const issue = schema.safeParse(mediator).error?.issues[0];
  return issue === undefined ? undefined : `${issue.path.join('.')}: ${issue.message}`;
}

function checkConfigDef(def: ConfigDefDoc): void {
  if (def.type === 'option') {
    if (!Array.isArray(def.values)) {
      throw new Error(`Expected field 'values' to be an array (option param '${def.param}')`);
    }
    if (def.values.length === 0) throw new Error(`Must specify a values array for option param '${def.param}'`);
  }
  if (def.type !== 'struct') return;
  if (def.template === undefined) throw new Error(`Must specify a template for struct param '${def.param}'`);
  for (const item of def.template) {
    if (!item.param || !item.type) throw new Error(`Must specify 'param' and 'type' in template of '${def.param}'`);
    if (item.type === 'struct') throw new Error(`May not recursively specify 'struct' in template of '${def.param}'`);
    checkConfigDef(item);
  }
}

/** Checks config values against their definitions (openhim.md 1.4). @throws Error with core's reason */
export function checkParams(defs: readonly ConfigDefDoc[], config: Readonly<Record<string, unknown>>): void {
  for (const [param, value] of Object.entries(config)) {
    const def = defs.find((candidate) => candidate.param === param);
    if (def === undefined) throw new Error(`No config definition found for parameter ${param}`);
    if (def.array !== true) {
      checkValue(param, def, value);
      continue;
    }
    if (!Array.isArray(value)) throw new Error(`Expected config param ${param} to be an array of type ${def.type}`);
    value.forEach((item, index) => {
      checkValue(`${param}[${index}]`, def, item);
    });
  }
}

/** How core says what it expected, where that is not the name of the type. */
const EXPECTED: Readonly<Record<string, string>> = {
  bigstring: 'a large string',
  bool: 'a boolean',
  map: 'an object',
  struct: 'an object',
  password: 'a string representing a password',
};

function checkValue(param: string, def: ConfigDefDoc, value: unknown): void {
  if (isOfType(def, value)) return;
  const what = def.type === 'option' ? `one of ${String(def.values)}` : `${EXPECTED[def.type] ?? `a ${def.type}`}.`;
  throw new Error(`Expected config param ${param} to be ${what}`);
}

/** Null is an object here, and the members of a struct are not looked at: both as in core. */
function isOfType(def: ConfigDefDoc, value: unknown): boolean {
  switch (def.type) {
    case 'number':
      return typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'option':
      return def.values?.includes(value) === true;
    case 'map':
      return typeof value === 'object' && Object.values(value ?? {}).every((item) => typeof item === 'string');
    case 'struct': {
      const known = def.template?.map((item) => item.param);
      return typeof value === 'object' && Object.keys(value ?? {}).every((key) => known?.includes(key));
    }
    default:
      return typeof value === 'string';
  }
}
