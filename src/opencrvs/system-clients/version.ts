/** The three ways in which OpenCRVS has managed its system clients (reference/opencrvs.md 1.2, 1.3). */
export type ClientApi = 'system-clients' | 'systems' | 'integrations';

/** What of one OpenCRVS version matters to its system clients. */
export interface OpenCrvsVersion {
  /** As people write it, e.g. `1.2`. */
  readonly text: string;
  readonly api: ClientApi;
  /** The scope that the administrator's token needs. */
  readonly adminScope: string;
  /** Types of client that can be registered; with 2.x only names for lists of scopes. */
  readonly types: readonly string[];
  /** `integratingSystemType` is taken. */
  readonly takesIntegratingSystem: boolean;
  /** The value of OPENCRVS_TOKEN_MODE that fits (reference/opencrvs.md 2.1). */
  readonly tokenMode: 'json' | 'query' | 'body';
}

const OLDEST_TYPES = ['NATIONAL_ID', 'HEALTH', 'EXTERNAL_VALIDATION', 'AGE_CHECK'];
const TYPES = ['NATIONAL_ID', 'HEALTH', 'RECORD_SEARCH', 'WEBHOOK'];

/**
 * What our work needs of a client of 2.x, where a client holds a list of scopes. Scopes are stored in their encoded
 * form, `type=…` (core@v2.0.0 commons/src/scopes.ts).
 */
const SCOPES_OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  NATIONAL_ID: ['record.search', 'record.read'],
  RECORD_SEARCH: ['record.search', 'record.read'],
  HEALTH: ['record.create', 'record.notify'],
};

/** The scopes of a 2.x client in the form in which they are stored. */
export function integrationScopes(type: string | undefined, scopes: readonly string[]): readonly string[] {
  const wanted = [...((type === undefined ? undefined : SCOPES_OF_TYPE[type]) ?? []), ...scopes];
  return [...new Set(wanted.map((scope) => (scope.startsWith('type=') ? scope : `type=${scope}`)))];
}

function versionOne(minor: number): OpenCrvsVersion {
  const text = `1.${minor}`;
  if (minor < 2) {
    return {
      text,
      api: 'system-clients',
      adminScope: 'sysadmin',
      types: OLDEST_TYPES,
      takesIntegratingSystem: false,
      tokenMode: 'json',
    };
  }
  return {
    text,
    api: 'systems',
    adminScope: minor < 7 ? 'natlsysadmin' : 'config.update:all',
    // REINDEX has scopes in 1.9, but the stored model refuses it (core@v1.9.0 user-mgnt/src/model/system.ts).
    types: minor < 9 ? TYPES : [...TYPES, 'IMPORT_EXPORT'],
    takesIntegratingSystem: minor > 2,
    tokenMode: minor === 2 ? 'json' : 'query',
  };
}

/** The OpenCRVS version that a text names: `1.2`, `v1.2.1`, `2`, `2.x`, … Undefined where it is none that we know. */
export function openCrvsVersion(text: string): OpenCrvsVersion | undefined {
  const one = /^v?1\.([0-9])(?:\.(?:\d+|x))?$/.exec(text);
  if (one !== null) return versionOne(Number(one[1]));
  if (!/^v?2(?:\.(?:\d+|x)){0,2}$/.test(text)) return undefined;
  return {
    text: '2.x',
    api: 'integrations',
    adminScope: 'integration.create',
    types: Object.keys(SCOPES_OF_TYPE),
    takesIntegratingSystem: false,
    tokenMode: 'body',
  };
}
