import { z } from 'zod';
import { type CoreApi, unexpectedAnswer } from './core-api.js';
import type { MediatorConfig } from './mediator-config.js';
import { copyFault } from './registered-copy.js';
import { ensureChannels } from './setup/ensure-channels.js';
import type { Change } from './setup/setup-types.js';

/** What core holds of this mediator. */
export type MediatorStanding =
  | { readonly known: false }
  | {
      readonly known: true;
      /** How its copy of `mediator.json` differs from ours. */
      readonly fault: string | undefined;
      /** What the console says. */
      readonly config: Readonly<Record<string, unknown>>;
    };

const Copy = z.looseObject({ config: z.record(z.string(), z.unknown()).default({}) });

/**
 * Looks this mediator up in core. Changes nothing there: a heartbeat would.
 *
 * @throws MediatorError as {@link CoreApi} does
 */
export async function inspectMediator(
  core: CoreApi,
  mediator: MediatorConfig,
  signal: AbortSignal,
): Promise<MediatorStanding> {
  const path = `/mediators/${mediator.urn}`;
  const answer = await core({ operation: 'find-mediator', method: 'GET', path, signal });
  if (answer.status === 404) return { known: false };
  const copy = Copy.safeParse(answer.body);
  if (answer.status !== 200 || !copy.success) throw unexpectedAnswer('the look-up of the mediator', answer);
  return { known: true, fault: copyFault(copy.data, mediator), config: copy.data.config };
}

/**
 * What `openhim setup` would do to the channels of `mediator.json`, in their order; it is not done.
 *
 * @throws MediatorError as {@link CoreApi} does, where the user may not read channels too
 */
export async function inspectChannels(core: CoreApi, mediator: MediatorConfig): Promise<readonly Change[]> {
  const deps = { core, inboundCheck: async () => 'replace' as const };
  const { changes } = await ensureChannels(deps, { dryRun: true }, mediator.defaultChannelConfig);
  return changes;
}
