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
}

const CONNECTIONS = 50;
const ROUNDS = 3;
const WARM_UP_SECONDS = 2;
const ROUND_SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4);

interface Target {
  readonly name: string;
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Round {
  readonly perSecond: number;
  readonly p99: number;
}

async function load({ name, base, headers }: Target, path: string, duration: number): Promise<Round> {
  const result = await autocannon({
    url: `${base}${path}`,
    connections: CONNECTIONS,
    duration,
    headers: { ...headers },
  });
  // A connection that its server closed at the wrong moment is no failure; many are.
  if (result.non2xx > 0 || result.errors > CONNECTIONS) {
    throw new Error(`${name} failed: ${result.errors} errors, ${result.non2xx} answers other than 2xx`);
  }
  return { perSecond: result['2xx'] / result.duration, p99: result.latency.p99 };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const ratio = (a: number, b: number): number => Number((a / b).toFixed(2));

function targets(servers: ProxyServers): Target[] {
  const credentials = { authorization: CREDENTIALS };
  const transaction = { 'x-openhim-transactionid': '65d3c1f1a2b3c4d5e6f70809' };
  return [
    { name: 'direct', base: servers.upstream, headers: {} },
    ...(servers.nginx === undefined ? [] : [{ name: 'nginx', base: servers.nginx, headers: {} }]),
    { name: 'mediator', base: servers.mediator, headers: credentials },
    { name: 'envelope', base: servers.mediator, headers: { ...credentials, ...transaction } },
    { name: 'naive', base: servers.naive, headers: transaction },
  ];
}

/** Every target in turn, several times over, so that a busy moment of the machine meets all of them. */
async function measure(servers: ProxyServers, path: string): Promise<ProxyFigures> {
  const rounds = new Map<string, Round[]>();
  for (const target of targets(servers)) await load(target, path, WARM_UP_SECONDS);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const target of targets(servers)) {
      rounds.set(target.name, [...(rounds.get(target.name) ?? []), await load(target, path, ROUND_SECONDS)]);
    }
  }
  const rps = (name: string): number => Math.round(median((rounds.get(name) ?? []).map(({ perSecond }) => perSecond)));
  const nginx = servers.nginx === undefined ? null : rps('nginx');
  return {
    direct_rps: rps('direct'),
    nginx_rps: nginx,
    mediator_rps: rps('mediator'),
    mediator_envelope_rps: rps('envelope'),
    naive_rps: rps('naive'),
    envelope_over_nginx: nginx === null ? null : ratio(rps('envelope'), nginx),
    envelope_over_naive: ratio(rps('envelope'), rps('naive')),
    p99_ms: median((rounds.get('envelope') ?? []).map(({ p99 }) => p99)),
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
