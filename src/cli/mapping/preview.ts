import { createHash } from 'node:crypto';
import type { Settings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { type Answer, createNationalIdSystem, type NationalIdSystem } from '../../national-id/index.js';
import { systemClock } from '../../runtime/index.js';
import { createHealth, createLogger, createMetrics } from '../../telemetry/index.js';
import { createEligibility, type Document, identityOperation, type VitalEvent } from '../../vital-events/index.js';
import { createDryRun, type WouldBeSent } from './dry-run.js';

/** What would become of an event. */
export type Preview =
  /** Left out by the rule. */
  | { readonly result: 'skipped'; readonly reason: string }
  /** The settings leave it to a person. */
  | { readonly result: 'operator' }
  | { readonly result: 'sent'; readonly operation: string; readonly request: WouldBeSent }
  /** Answered without a call: refused, or not supported. */
  | { readonly result: 'answered'; readonly operation: string; readonly answer: Answer };

/** A key as the pipeline makes them, of an event that is not one. */
function outwardKeyFor(system: NationalIdSystem, event: VitalEvent): string {
  return system.outwardKey(createHash('sha256').update(`dry run ${event.registrationNumber}`).digest());
}

/** Base64 all the same, for a mapping that looks into it. */
const LEFT_OUT = 'content/left/out';

/** What is printed may be long, and is shown to people: documents are told without their content. */
function withoutContent<E extends VitalEvent>(event: E): E {
  const shortened = ({ content, ...facts }: Document): Document =>
    content === undefined ? facts : { ...facts, content: LEFT_OUT };
  return event.documents === undefined ? event : { ...event, documents: event.documents.map(shortened) };
}

/**
 * Maps an event for the system of the settings with the code that sends it, whatever the rule says, and calls nobody.
 *
 * @throws MediatorError `mapping_failed` or `mapping_timeout`, naming the field that could not be made
 */
export async function mapOnly(settings: Settings, event: VitalEvent): Promise<Preview> {
  const operation = identityOperation(event, settings);
  if (operation === 'operator') return { result: 'operator' };

  const dryRun = createDryRun();
  const deps = {
    outbound: dryRun.outbound,
    clock: systemClock,
    log: createLogger('error'),
    metrics: createMetrics(),
    health: createHealth(systemClock),
  };
  const { nationalIdMappingsDir: dir, documents } = settings;
  const system = createNationalIdSystem(deps, settings.nationalId, { dir, documents });
  const { signal } = new AbortController();
  try {
    const answer = await system[operation]({
      event: withoutContent(event),
      outwardKey: outwardKeyFor(system, event),
      repeated: false,
      signal,
    });
    return { result: 'answered', operation, answer };
  } catch (thrown) {
    const request = dryRun.sent();
    // Whatever came of it: what counts is that there was something to send.
    if (request !== undefined && thrown instanceof MediatorError) return { result: 'sent', operation, request };
    throw thrown;
  } finally {
    await system.stop();
  }
}

/** The same, for an event that the rule takes. @throws MediatorError as {@link mapOnly} does */
export async function preview(settings: Settings, event: VitalEvent): Promise<Preview> {
  const verdict = await createEligibility(() => settings)(event);
  return verdict.eligible ? mapOnly(settings, event) : { result: 'skipped', reason: verdict.reason };
}
