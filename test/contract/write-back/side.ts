import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WriteBackSettings } from '../../../src/config/index.js';
import { createSystemToken, createWriteBack, type WriteBack } from '../../../src/opencrvs/index.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import type { HttpPeer } from '../../peers/http-peer.js';
import { OpenCrvsPeer } from '../../peers/opencrvs-peer.js';
import { fixture } from '../../support/fixtures.js';

export const BIRTH_BODY = fixture('opencrvs/birth-registered.webhook.json');
export const DEATH_BODY = fixture('opencrvs/death-registered.webhook.json');

/** Long for a peer on this machine, short for a test that waits it out. */
const TIMEOUT_MS = 500;
const NEVER_OPEN = { failures: Number.POSITIVE_INFINITY, firstPauseMs: 1, longestPauseMs: 1 };
const SHIPPED = join(import.meta.dirname, '../../../config/mappings');

export interface Side {
  readonly opencrvs: OpenCrvsPeer;
  readonly lines: readonly string[];
  writeBack(settings: WriteBackSettings): WriteBack;
  /** Stops a peer of the caller's own with the rest. */
  add<P extends HttpPeer>(peer: P): Promise<P>;
  close(): Promise<void>;
}

/** The shipped mappings with this one in the place of its like. */
function folderWith(file: string, text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'mappings-'));
  cpSync(SHIPPED, dir, { recursive: true });
  writeFileSync(join(dir, file), text);
  return dir;
}

/** An OpenCRVS with the two registrations, and our side of it with the real transport. */
export async function openSide(file: string, mapping?: string): Promise<Side> {
  const clock = new ManualClock();
  const opencrvs = await new OpenCrvsPeer({ now: () => clock.now() }).start();
  for (const body of [BIRTH_BODY, DEATH_BODY]) opencrvs.records.load(body);
  const { log, lines } = createMemoryLog();
  const [metrics, health] = [createMetrics(), createHealth(clock)];
  const outbound = createOutboundClient({ clock, metrics }, { timeoutMs: TIMEOUT_MS, breaker: NEVER_OPEN });
  const { clientId, clientSecret, tokenMode } = opencrvs.system;
  const tokens = createSystemToken(
    { outbound, clock, log, metrics, health },
    { authUrl: opencrvs.auth.url, tokenMode, clientId, clientSecret, scope: 'nationalId' },
  );
  const ownMappings = mapping === undefined ? undefined : folderWith(file, mapping);
  const others: HttpPeer[] = [];
  return {
    opencrvs,
    lines,
    writeBack: (settings) =>
      createWriteBack({ outbound, clock, tokens, health }, settings, { mappingsDir: ownMappings ?? SHIPPED }),
    async add(peer) {
      others.push(peer);
      await peer.start();
      return peer;
    },
    async close() {
      tokens.stop();
      await outbound.close();
      await Promise.all([opencrvs, ...others].map((peer) => peer.stop()));
      if (ownMappings !== undefined) rmSync(ownMappings, { recursive: true });
    },
  };
}
