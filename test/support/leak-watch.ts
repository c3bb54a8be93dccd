import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PERSONAL_CANARIES } from './canary.js';
import type { RunningService } from './running-service.js';
import type { World } from './world.js';

/** A text that left the mediator, and where. */
interface Output {
  readonly where: string;
  readonly text: string;
}

export interface LeakWatchDeps {
  readonly world: World;
  readonly running: RunningService;
  /** With all secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Every canary in every output, whatever its case, as what to show. */
export function leaksIn(outputs: readonly Output[], canaries: readonly string[]): readonly string[] {
  const wanted = canaries.map((canary) => canary.toLowerCase());
  return outputs.flatMap(({ where, text }) => {
    const lower = text.toLowerCase();
    return wanted.filter((canary) => lower.includes(canary)).map((canary) => `${canary} in ${where}: ${text}`);
  });
}

/** Every secret of the settings, also as it goes over the wire. */
function secretsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  const secrets = Object.entries(environment).filter(([name]) => /_(SECRET|PASSWORD|KEY)$/.test(name));
  const credentials = Object.entries(environment)
    .filter(([name]) => name.endsWith('_USERNAME'))
    .map(([name, user]) => `${user}:${environment[name.replace(/USERNAME$/, 'PASSWORD')]}`);
  const [, ...keyLines] = readFileSync(environment['MOSIP_CREDENTIAL_KEY_FILE'] ?? '', 'utf8')
    .trim()
    .split('\n');
  return [
    ...secrets.map(([, value]) => value),
    ...credentials.map((pair) => Buffer.from(pair).toString('base64')),
    ...keyLines.slice(0, -1),
  ];
}

function peersOf({ core, opencrvs, mosip, fhir }: World) {
  return [core, opencrvs.auth, opencrvs.webhooks, opencrvs.countryConfig, opencrvs.fhir, mosip, fhir];
}

/** What systems have given out meanwhile: numbers of identities, and tokens as they were presented. */
function issuedIn(world: World): readonly string[] {
  const numbers = [...world.mosip.issued.values()].flatMap(({ vid, uin }) => [vid, uin]);
  const nationalIds = world.fhir.patients
    .flatMap(({ identifier }) => identifier ?? [])
    .filter(({ system }) => system === 'urn:national-id')
    .map(({ value }) => value);
  const tokens = peersOf(world)
    .flatMap(({ received }) => received)
    .flatMap(({ headers }) => [headers['authorization'], headers['cookie']])
    .map((header) => /^(?:Bearer |Authorization=)(.+)$/.exec(String(header ?? ''))?.[1]);
  return [...new Set([...numbers, ...nationalIds, ...tokens])].filter((value) => value !== undefined);
}

/** Looks for personal data and secrets in everything that leaves a mediator, and in what it stores. */
export class LeakWatch {
  readonly #deps: LeakWatchDeps;
  readonly #errors: Output[] = [];

  constructor(deps: LeakWatchDeps) {
    this.#deps = deps;
  }

  /** Takes note of an answer with an error that the mediator itself gave. */
  note(where: string, text: string): void {
    this.#errors.push({ where, text });
  }

  /** Makes a call to the mediator, directly or through OpenHIM's router, and takes note of an error. */
  async call(base: string, path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(`${base}${path}`, init);
    if (response.status >= 400) this.note(`answer to ${path}`, await response.clone().text());
    return response;
  }

  /** What must not be seen anywhere. */
  canaries(): readonly string[] {
    return [...PERSONAL_CANARIES, ...secretsOf(this.#deps.environment), ...issuedIn(this.#deps.world)];
  }

  /**
   * Canaries in the log, in answers, in what OpenHIM stored on our word, and in the addresses that we called. The query
   * of a path for which `isOthers` holds was chosen by the protocol or the caller, and is left out.
   */
  async leaks(isOthers: (path: string) => boolean = () => false): Promise<readonly string[]> {
    const { world, running } = this.#deps;
    const stored = world.router.transactions.map(({ id, orchestrations, properties, error }) => ({
      where: `transaction ${id}`,
      // The last orchestration is core's own, of what it saw itself.
      text: JSON.stringify([orchestrations.slice(0, -1), properties, error]),
    }));
    const addresses = peersOf(world).flatMap((peer) =>
      peer.received.map(({ path, rawQuery }) => ({
        where: `an address at ${peer.constructor.name}`,
        text: isOthers(path) ? path : `${path}?${rawQuery}`,
      })),
    );
    const shown = ['/metrics', '/health/ready', '/health/live'].map(async (path) => ({
      where: path,
      text: await (await fetch(`http://127.0.0.1:${world.port}${path}`)).text(),
    }));
    const log = running.lines.map((text) => ({ where: 'the log', text }));
    const outputs = [...log, ...this.#errors, ...stored, ...addresses, ...(await Promise.all(shown))];
    return leaksIn(outputs, this.canaries());
  }

  /** Canaries in clear in the files of the store; the service should have ended. */
  leaksInStore(): readonly string[] {
    const files = readdirSync(this.#deps.world.dataDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const canaries = this.canaries();
    return files.flatMap((file) => {
      const bytes = readFileSync(file);
      return canaries.filter((canary) => bytes.includes(canary)).map((canary) => `${canary} in ${file}`);
    });
  }
}
