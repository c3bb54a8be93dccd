import { join } from 'node:path';
import { createFacade, createFhirApi } from '../../../../src/fhir-api/index.js';
import type { Handler, InboundRequest } from '../../../../src/http/index.js';
import type { Capability } from '../../../../src/national-id/index.js';
import { createOutboundClient } from '../../../../src/outbound/index.js';
import { createMetrics } from '../../../../src/telemetry/index.js';
import { eventKey, type Incoming } from '../../../../src/vital-events/index.js';
import { FakeNationalIdSystem } from '../../../fakes/fake-national-id-system.js';
import { ManualClock } from '../../../fakes/manual-clock.js';
import { createMemoryLog } from '../../../fakes/memory-log.js';

export const FHIR_JSON = 'application/fhir+json';
export const NID = 'urn:national-id';
export const BRN = 'urn:opencrvs:registration-number';
export const DRN = 'urn:opencrvs:death-registration-number';
const SHIPPED = join(import.meta.dirname, '..', '..', '..', '..', 'config', 'mappings');
const none = {} as never;

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly outlivesAnswer?: true;
}

export interface FacadeStageOptions {
  readonly mappingsDir?: string;
  readonly timeoutMs?: number;
  /** Default: all. */
  readonly capabilities?: readonly Capability[];
}

/** The facade over a fake system, and what it took. */
export class FacadeStage {
  readonly system = new FakeNationalIdSystem();
  readonly taken: Incoming[] = [];
  /** What `accept` throws. */
  fault: Error | undefined;
  /** That of OpenHIM, of the requests from now on. */
  transactionId: string | undefined;
  readonly #handler: Handler;

  constructor(options: FacadeStageOptions = {}) {
    this.can(...(options.capabilities ?? this.system.capabilities));
    const keys: string[] = [];
    const mappingsDir = options.mappingsDir ?? SHIPPED;
    const timeoutMs = options.timeoutMs ?? 5_000;
    const clock = new ManualClock();
    const metrics = createMetrics();
    const facade = createFacade(
      {
        system: this.system,
        accept: async (incoming) => {
          if (this.fault !== undefined) throw this.fault;
          const key = eventKey(incoming);
          const isRepeat = keys.includes(key);
          if (!isRepeat) keys.push(key);
          this.taken.push(incoming);
          return { id: `event-${keys.indexOf(key)}`, isRepeat };
        },
        standingOf: async (id) => {
          const times = { receivedAt: new Date(0), updatedAt: new Date(60_000) };
          if (id === 'event-0') return { kind: 'birth', state: 'settled', code: undefined, ...times };
          return id === 'event-1' ? { kind: 'death', state: 'stuck', code: 'outcome_unknown', ...times } : undefined;
        },
      },
      {
        mappingsDir,
        timeoutMs,
        isTls: false,
        indexKey: 'index key of the tests',
        nationalIdSystem: NID,
        registrationSystem: BRN,
      },
    );
    const { capabilities, biometrics } = this.system;
    this.#handler = createFhirApi(
      { outbound: createOutboundClient({ clock, metrics }), clock, log: createMemoryLog().log, metrics },
      { system: 'mosip', mosip: none },
      { mappingsDir, maxBodyBytes: 20_000, version: '1.2.3', capabilities, biometrics, facade },
    ).handler;
  }

  /** From now on, the system does this and nothing else. */
  can(...capabilities: readonly Capability[]): void {
    this.system.capabilities.clear();
    for (const one of capabilities) this.system.capabilities.add(one);
  }

  async ask(
    method: string,
    target: string,
    body?: unknown,
    headers: InboundRequest['headers'] = {},
  ): Promise<Answered> {
    const [path = '', rawQuery = ''] = target.split('?');
    const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
    const reply = await this.#handler({
      method,
      path,
      rawQuery,
      query: {},
      headers: { host: 'his.test:4000', ...(body === undefined ? {} : { 'content-type': FHIR_JSON }), ...headers },
      body: body === undefined ? Buffer.alloc(0) : Buffer.from(text),
      transactionId: this.transactionId,
      correlationId: 'c-1',
      signal: new AbortController().signal,
    });
    const answer = String(reply.body);
    return { ...reply, body: answer === '' ? undefined : JSON.parse(answer) };
  }

  /** The code of the error that a request ends with. */
  async refusal(
    ...request: Parameters<FacadeStage['ask']>
  ): Promise<{ code: string; message: string; status: number }> {
    return this.ask(...request).then(
      ({ status }) => ({ code: 'none', message: '', status }),
      (error) => ({ code: error.code, message: error.message, status: error.status }),
    );
  }
}
