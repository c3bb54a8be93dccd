import autocannon from 'autocannon';
import { CREDENTIALS, type ProxyServers, startProxyServers } from './proxy-servers.js';

export interface ProxyFigures {
  /** Requests a second to the FHIR server itself. */
  readonly direct_rps: number;
  /** Null where nginx is not installed, as is its ratio. */
  readonly nginx_rps: number | null;
  readonly mediator_rps: number;
  readonly mediator_envelope_rps: number;
  /** A plain Express and axios proxy that builds the same envelope. */
  readonly naive_rps: number;
  readonly envelope_over_nginx: number | null;
  readonly envelope_over_naive: number;
  /** Of the mediator with the envelope. */
  readonly p99_ms: number;
  /** Processor time of a request, which other work on the machine disturbs less; null where it is not told. */
  readonly envelope_cpu_us: number | null;
  readonly naive_cpu_us: number | null;
}

const CONNECTIONS = 50;
const ROUNDS = 5;
const WARM_UP_SECONDS = 2;
const ROUND_SECONDS = 3;

interface Target {
  readonly name: 'direct' | 'nginx' | 'mediator' | 'envelope' | 'naive';
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly process?: 'mediator' | 'naive';
}

interface Round {
  readonly perSecond: number;
  readonly p99: number;
  readonly cpuMicros: number | undefined;
}

function targets(servers: ProxyServers): Target[] {
  const credentials = { authorization: CREDENTIALS };
  const transaction = { 'x-openhim-transactionid': '65d3c1f1a2b3c4d5e6f70809' };
  const mediator = { base: servers.mediator, process: 'mediator' } as const;
  return [
    { name: 'direct', base: servers.upstream, headers: {} },
    ...(servers.nginx === undefined ? [] : [{ name: 'nginx' as const, base: servers.nginx, headers: {} }]),
    { name: 'mediator', ...mediator, headers: credentials },
    { name: 'envelope', ...mediator, headers: { ...credentials, ...transaction } },
    { name: 'naive', base: servers.naive, process: 'naive', headers: transaction },
  ];
}

async function load(servers: ProxyServers, target: Target, path: string, duration: number): Promise<Round> {
  const { name, base, headers, process } = target;
  const used = (): number | undefined => (process === undefined ? undefined : servers.cpuMicros(process));
  const before = used();
  const result = await autocannon({
    url: `${base}${path}`,
    connections: CONNECTIONS,
    duration,
    headers: { ...headers },
  });
  const after = used();
  // A connection that its server closed at the wrong moment is no failure; many are.
  if (result.non2xx > 0 || result.errors > CONNECTIONS) {
    throw new Error(`${name} failed: ${result.errors} errors, ${result.non2xx} answers other than 2xx`);
  }
  const answers = result['2xx'];
  return {
    perSecond: answers / result.duration,
    p99: result.latency.p99,
    cpuMicros: before === undefined || after === undefined ? undefined : (after - before) / answers,
  };
}

const ratio = (a: number, b: number): number => Number((a / b).toFixed(2));

/** Of several rounds the best: other work on the machine only ever takes away. */
function best(rounds: readonly Round[]): Round {
  const cpu = rounds.flatMap(({ cpuMicros }) => cpuMicros ?? []);
  return {
    perSecond: Math.round(Math.max(...rounds.map(({ perSecond }) => perSecond))),
    p99: Math.min(...rounds.map(({ p99 }) => p99)),
    cpuMicros: cpu.length === 0 ? undefined : Math.round(Math.min(...cpu)),
  };
}

/** Every target in turn, several times over, so that a busy moment of the machine meets all of them. */
async function measure(servers: ProxyServers, path: string): Promise<ProxyFigures> {
  const rounds = new Map<Target['name'], Round[]>();
  const all = targets(servers);
  for (const target of all) await load(servers, target, path, WARM_UP_SECONDS);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const target of all) {
      const { name } = target;
      rounds.set(name, [...(rounds.get(name) ?? []), await load(servers, target, path, ROUND_SECONDS)]);
    }
  }
  const of = (name: Target['name']): Round => best(rounds.get(name) ?? []);
  const [envelope, naive] = [of('envelope'), of('naive')];
  const nginx = rounds.has('nginx') ? of('nginx').perSecond : null;
  return {
    direct_rps: of('direct').perSecond,
    nginx_rps: nginx,
    mediator_rps: of('mediator').perSecond,
    mediator_envelope_rps: envelope.perSecond,
    naive_rps: naive.perSecond,
    envelope_over_nginx: nginx === null ? null : ratio(envelope.perSecond, nginx),
    envelope_over_naive: ratio(envelope.perSecond, naive.perSecond),
    p99_ms: envelope.p99,
    envelope_cpu_us: envelope.cpuMicros ?? null,
    naive_cpu_us: naive.cpuMicros ?? null,
  };
}

/** FHIR reads through the proxy, a Patient of 3 KB and a Bundle of 57 KB, beside other ways to the same server. */
export async function benchProxy(): Promise<{ readonly patient: ProxyFigures; readonly bundle: ProxyFigures }> {
  const servers = await startProxyServers();
  if (servers.nginx === undefined) process.stdout.write('nginx is not installed: its figures are left out\n');
  try {
    const patient = await measure(servers, '/fhir/Patient/1');
    return { patient, bundle: await measure(servers, '/fhir/Patient?birthdate=2024-01-28') };
  } finally {
    await servers.stop();
  }
}
