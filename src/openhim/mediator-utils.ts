import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import type { AxiosInstance, InternalAxiosRequestConfig } from 'axios';
import utils from 'openhim-mediator-utils';
import { z } from 'zod';
import { MediatorError } from '../errors/index.js';
import { type CoreFailure, coreFault } from './core-fault.js';
import type { MediatorConfig } from './mediator-config.js';

export interface CoreAccess {
  readonly apiUrl: string;
  readonly username: string;
  readonly password: string;
  readonly trustSelfSigned: boolean;
  /** PEM text. */
  readonly ca: string | undefined;
}

export interface MediatorUtilsOptions {
  /** For a whole call, body included. */
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
}

/** `known: false`: core has no mediator of this name (any more). Without a stored config, `config` is empty. */
export type HeartbeatAnswer =
  | { readonly known: false }
  | { readonly known: true; readonly config: Readonly<Record<string, unknown>> };

/** The calls to OpenHIM core's API. Each ends with an answer, a MediatorError of {@link coreFault}, or by `signal`. */
export interface MediatorUtils {
  /** Resolves also when core ignores the file because it holds the same or a newer version (openhim.md 1.3). */
  registerMediator(config: MediatorConfig, signal: AbortSignal): Promise<void>;
  /** What core holds of a mediator, still unknown in shape; the package has no function for it. */
  fetchMediator(urn: string, signal: AbortSignal): Promise<unknown>;
  /** Beats and asks for the stored config in one call (openhim.md section 2). */
  fetchConfig(urn: string, signal: AbortSignal): Promise<HeartbeatAnswer>;
  /** Closes idle connections. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_RESPONSE_BYTES = 1024 * 1024;

const ConfigObject = z.record(z.string(), z.unknown());

/** The very copy of axios that the package calls; an `import` here would give the other one, made for ES modules. */
function axiosOfPackage(): AxiosInstance {
  const ours = createRequire(import.meta.url);
  return createRequire(ours.resolve('openhim-mediator-utils'))('axios');
}

/** The address without a last slash, query or credentials: the package only appends to it. */
function baseAddress(apiUrl: string): string {
  const { origin, pathname } = new URL(apiUrl);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

/**
 * The one place that touches `openhim-mediator-utils` 0.4.0. Its two useful functions are called with a transport of
 * our own, which closes the faults listed in openhim.md 9.2: time and size limits, own certificates, no redirects,
 * no proxy from the environment, and errors without the credentials.
 */
export function createMediatorUtils(access: CoreAccess, options: MediatorUtilsOptions = {}): MediatorUtils {
  const { username, password, trustSelfSigned, ca } = access;
  const apiUrl = baseAddress(access.apiUrl);
  const axios = axiosOfPackage();
  const httpAgent = new http.Agent({ keepAlive: true });
  const httpsAgent = new https.Agent({
    keepAlive: true,
    rejectUnauthorized: !trustSelfSigned,
    ...(ca === undefined ? {} : { ca }),
  });
  const transport = {
    httpAgent,
    httpsAgent,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
  } as const satisfies Partial<InternalAxiosRequestConfig>;

  /**
   * Runs one function of the package over our transport. axios reads its interceptors before the function returns, so
   * ours is there for this call alone, and other users of the same copy are not touched.
   */
  const call = async <T>(
    name: CoreFailure['call'],
    expectedStatus: number,
    signal: AbortSignal,
    start: (callback: (error: unknown, result?: T) => void) => void,
  ): Promise<{ readonly status: number; readonly result: T | undefined }> => {
    const deadline = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    let refused: number | undefined;
    const perCall = {
      ...transport,
      signal: AbortSignal.any([deadline, signal]),
      validateStatus: (status: number) => {
        if (status !== expectedStatus) refused = status;
        return status === expectedStatus;
      },
    };
    try {
      const result = await new Promise<T | undefined>((resolve, reject) => {
        const ours = axios.interceptors.request.use((request) => Object.assign(request, perCall));
        try {
          start((error, value) => (error === undefined || error === null ? resolve(value) : reject(error)));
        } finally {
          axios.interceptors.request.eject(ours);
        }
      });
      return { status: expectedStatus, result };
    } catch (thrown) {
      if (refused === 404 && name === 'heartbeat') return { status: refused, result: undefined };
      throw coreFault({ call: name, apiUrl, status: refused, thrown, isTimeout: deadline.aborted });
    }
  };

  const optionsFor = (urn: string) => ({
    apiURL: apiUrl,
    username,
    password,
    // Colons are legal in a path; core and whoever reads its log see the name as it is.
    urn: encodeURIComponent(urn).replaceAll('%3A', ':'),
  });

  return {
    async registerMediator(config, signal) {
      await call<void>('registration', 201, signal, (done) =>
        utils.registerMediator(optionsFor(config.urn), config, done),
      );
    },
    async fetchMediator(urn, signal) {
      const { apiURL, urn: name } = optionsFor(urn);
      const { result } = await call<unknown>('look-up', 200, signal, (done) => {
        axios
          .get<unknown>(`${apiURL}/mediators/${name}`, { auth: { username, password } })
          .then(({ data }) => done(undefined, data), done);
      });
      return result;
    },
    async fetchConfig(urn, signal) {
      const answer = await call<unknown>('heartbeat', 200, signal, (done) => utils.fetchConfig(optionsFor(urn), done));
      if (answer.status === 404) return { known: false };
      const config = ConfigObject.safeParse(answer.result);
      if (config.success) return { known: true, config: config.data };
      // A page of a proxy or of the console: the package hands over whatever came (openhim.md 9.2, fault 12).
      throw new MediatorError('peer_response_invalid', {
        message:
          'The heartbeat was answered with something else than a config: does OPENHIM_API_URL lead to the core API?',
      });
    },
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}
