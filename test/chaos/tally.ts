import pg from 'pg';
import type { World } from '../support/world.js';

/** What the store holds, by registration number; undefined while PostgreSQL is away. */
export async function statesIn(databaseUrl: string): Promise<ReadonlyMap<string, string> | undefined> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ number: string; state: string }>(
      'select registration_number as number, state from mediator.event',
    );
    return new Map(rows.map(({ number, state }) => [number, state]));
  } catch {
    // Stopped on purpose, or not migrated yet: looked at again soon.
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export interface Tally {
  /** Acknowledged, and not in the store, or settled without its number in OpenCRVS or without its end at MOSIP. */
  readonly lost: readonly string[];
  /** Registrations that led to more than one identity. */
  readonly doubled: readonly string[];
  readonly settled: readonly string[];
  readonly unsettled: readonly string[];
}

/** What became of the acknowledged events, by what the systems around the mediator hold: registration numbers. */
export function tally(
  { mosip, opencrvs }: Pick<World, 'mosip' | 'opencrvs'>,
  states: ReadonlyMap<string, string>,
  acknowledged: { readonly births: readonly string[]; readonly deaths: ReadonlyMap<string, string> },
): Tally {
  const made = new Map<string, number>();
  for (const { kind, birthCertificateNumber = '', count } of mosip.issued.values()) {
    if (kind === 'birth') made.set(birthCertificateNumber, (made.get(birthCertificateNumber) ?? 0) + count);
  }
  const written = opencrvs.countryConfig.identities;
  const all = [...acknowledged.births, ...acknowledged.deaths.keys()];
  const isSettled = (number: string): boolean => states.get(number) === 'settled';
  const isEnded = (nationalId: string): boolean => mosip.processor.identities.find(nationalId)?.status !== 'ACTIVATED';
  const isLost = (number: string): boolean => {
    if (!states.has(number)) return true;
    if (!isSettled(number)) return false;
    const deceased = acknowledged.deaths.get(number);
    return deceased === undefined ? !written.has(number) : !isEnded(deceased);
  };
  return {
    lost: all.filter(isLost),
    doubled: [...made.keys()].filter((number) => (made.get(number) ?? 0) > 1),
    settled: all.filter(isSettled),
    unsettled: all.filter((number) => !isSettled(number)),
  };
}
