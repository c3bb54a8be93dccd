import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { toMediatorError } from '../../errors/index.js';
import { isCertificateAlert, type OutboundClient } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import { errorCode } from '../error-code.js';
import type { PeerAddress } from './addresses.js';
import { judgeExpiry, tlsFault } from './certificate.js';
import {
  answered,
  type CheckName,
  type Finding,
  type Found,
  failed,
  NOT_REACHED,
  ok,
  skipped,
  warning,
} from './finding.js';

/** How far the clock of a peer is ahead of ours. */
export interface Skew {
  readonly about: string;
  readonly seconds: number;
}

/** What was found on the way to one address, layer by layer. */
export interface Reached {
  readonly findings: readonly Finding[];
  readonly skew: Skew | undefined;
}

export interface ReachDeps {
  readonly clock: Clock;
  /** The client that trusts what this address is trusted by. */
  readonly outbound: OutboundClient;
}

async function resolve({ host, settings }: PeerAddress): Promise<Found> {
  if (isIP(host) !== 0) return ok('An address, not a name.');
  try {
    const found = await lookup(host, { all: true });
    return ok(`The name leads to ${found.map(({ address }) => address).join(', ')}.`);
  } catch (thrown) {
    return failed(
      `The name ${host} of ${settings.join(', ')} is not known here (${errorCode(thrown)}).`,
      `Correct ${settings.join(' and ')}, or the name server of this host or container.`,
    );
  }
}

/** Resolves with what `judge` makes of the connection, and closes it. */
function connected<S extends Socket>(socket: S, event: string, signal: AbortSignal, judge: (open: S) => Found) {
  return new Promise<Found>((resolve, reject) => {
    const end = (): void => void socket.destroy();
    signal.addEventListener('abort', end, { once: true });
    socket.once(event, () => {
      resolve(judge(socket));
      end();
    });
    socket.once('error', reject);
  });
}

async function knock({ host, port, settings }: PeerAddress, signal: AbortSignal): Promise<Found> {
  try {
    return await connected(connect({ host, port }), 'connect', signal, () => ok(`Port ${port} is open.`));
  } catch (thrown) {
    const code = errorCode(thrown);
    const words = code === 'ECONNREFUSED' ? 'Nobody listens there' : 'No connection';
    return failed(`${words} (${code}).`, `Start the system behind ${settings.join(', ')}, or correct its port.`);
  }
}

function whereToTrust({ peer }: PeerAddress): string {
  return peer === 'openhim'
    ? 'give its authority in OPENHIM_CA_FILE'
    : "give its authority to Node by NODE_EXTRA_CA_CERTS, in the service's environment too";
}

function judgeCertificate(socket: TLSSocket, address: PeerAddress, nowMs: number): Found {
  const renew = `Have the certificate of ${address.host} renewed.`;
  if (!socket.authorized) {
    // Node's declaration says Error; it is the code of one.
    const fault = tlsFault(String(socket.authorizationError));
    const next = `Correct the certificate of ${address.host}, or ${whereToTrust(address)}.`;
    if (address.trust?.trustSelfSigned === true) {
      return warning(`OPENHIM_TRUST_SELF_SIGNED takes any certificate; of this one: ${fault}.`, next);
    }
    return failed(`Not trusted: ${fault}.`, fault.includes('expired') ? renew : next);
  }
  return judgeExpiry(new Date(socket.getPeerCertificate().valid_to), nowMs, renew);
}

const CLIENT_CERTIFICATE =
  'It may want a client certificate, or another one: NATIONAL_ID_CLIENT_KEY_FILE, NATIONAL_ID_CLIENT_CERT_FILE.';

async function shakeHands(address: PeerAddress, nowMs: number, signal: AbortSignal): Promise<Found> {
  const { host, port, settings, trust, clientCertificate } = address;
  const socket = connectTls({
    host,
    port,
    // The fault is told, not thrown: nothing is sent over this connection.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(trust?.ca === undefined ? {} : { ca: trust.ca }),
    ...clientCertificate,
  });
  try {
    return await connected(socket, 'secureConnect', signal, (open) => judgeCertificate(open, address, nowMs));
  } catch (thrown) {
    const code = errorCode(thrown);
    if (isCertificateAlert(code)) return failed('It ended the TLS handshake.', CLIENT_CERTIFICATE);
    return failed(
      `No TLS there (${code}).`,
      `Does the system speak plain HTTP? Then ${settings.join(', ')} has to begin with http.`,
    );
  }
}

/** Statuses by which a proxy says that the system behind it is away. */
const AWAY: ReadonlySet<number> = new Set([502, 503, 504]);

async function greet(
  { clock, outbound }: ReachDeps,
  { host, port, scheme, peer, settings }: PeerAddress,
  signal: AbortSignal,
): Promise<{ readonly found: Found; readonly skew: Skew | undefined }> {
  if (peer === undefined) return { found: skipped('No HTTP.'), skew: undefined };
  const before = clock.now();
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const response = await outbound.send({
    peer,
    operation: 'doctor',
    method: 'GET',
    url: `${scheme}://${name}:${port}/`,
    signal,
  });
  const here = (before + clock.now()) / 2;
  const date = Date.parse(String(response.headers['date'] ?? ''));
  // The header counts whole seconds: its middle is the best guess.
  const skew = Number.isNaN(date)
    ? undefined
    : { about: `${host}:${port}`, seconds: Math.round((date + 500 - here) / 1000) };
  const found = AWAY.has(response.status)
    ? failed(`HTTP ${response.status}: a proxy answers, the system is away.`, `Start the system behind ${settings[0]}.`)
    : ok(`It answers (HTTP ${response.status} at /, where nothing needs to be).`);
  return { found, skew };
}

/** Goes to an address layer by layer, up to the first that fails. */
export async function reach(deps: ReachDeps, address: PeerAddress): Promise<Reached> {
  const { host, port, scheme, settings } = address;
  const about = `${host}:${port}`;
  const next = `Correct ${settings.join(', ')}.`;
  const findings: Finding[] = [];
  const layer = async (check: CheckName, ask: (signal: AbortSignal) => Promise<Found>): Promise<void> => {
    const isBlocked = findings.some(({ state }) => state === 'failed');
    findings.push(await answered({ check, about, next, ask: isBlocked ? async () => NOT_REACHED : ask }));
  };
  let skew: Skew | undefined;
  await layer('dns', () => resolve(address));
  await layer('tcp', (signal) => knock(address, signal));
  if (scheme === 'https') await layer('tls', (signal) => shakeHands(address, deps.clock.now(), signal));
  if (scheme === 'postgres') return { findings, skew };
  await layer('http', async (signal) => {
    try {
      const greeted = await greet(deps, address, signal);
      ({ skew } = greeted);
      return greeted.found;
    } catch (thrown) {
      const error = toMediatorError(thrown);
      // With TLS 1.3 a server looks at our certificate when we take the handshake for done; some then just hang up.
      const isRefused = error.code === 'peer_unauthorized' || error.code === 'peer_unreachable';
      if (scheme === 'https' && isRefused) return failed(error.message, CLIENT_CERTIFICATE);
      throw error;
    }
  });
  return { findings, skew };
}

const LARGEST_SKEW_SECONDS = 60;

/** Whether our clock agrees with those of the peers. */
export function judgeClock(skews: readonly Skew[]): Found {
  const [first] = skews;
  if (first === undefined) return skipped('No peer told its time.');
  const off = skews.filter(({ seconds }) => Math.abs(seconds) > LARGEST_SKEW_SECONDS);
  if (off.length === 0) {
    const largest = Math.max(...skews.map(({ seconds }) => Math.abs(seconds)));
    return ok(`Within ${largest} s of ${skews.length === 1 ? first.about : `all ${skews.length} peers`}.`);
  }
  const list = off.map(
    ({ about, seconds }) => `${about} is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead' : 'behind'}`,
  );
  const isOurs = off.length === skews.length && off.length > 1;
  return warning(
    `${list.join('; ')}. Tokens and signatures fail at a clock that is wrong.`,
    isOurs ? 'All peers disagree with this host: set its clock by NTP.' : 'Have the clocks of both sides set by NTP.',
  );
}
