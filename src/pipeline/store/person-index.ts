import { createHmac, randomUUID } from 'node:crypto';
import type { PersonIdentifier } from '../../vital-events/index.js';
import type { Sql } from './database.js';

/** The person that identifiers lead to; `isNew`: nobody else can know it before this transaction ends. */
export interface Resolved {
  readonly personId: string;
  readonly isNew: boolean;
}

/**
 * Which events belong to one person, found by HMACs of identifiers under `INDEX_KEY`. It outlives the erasure of
 * personal data, so that a death finds its birth.
 */
export interface PersonIndex {
  /**
   * For each list, the person to whom the first known of its identifiers leads, made when there is none; those that led
   * nowhere lead there afterwards.
   */
  resolve(sql: Sql, lists: readonly (readonly PersonIdentifier[])[]): Promise<readonly Resolved[]>;
  /** The persons to whom any of these identifiers leads; nobody is made. */
  known(sql: Sql, identifiers: readonly PersonIdentifier[]): Promise<readonly string[]>;
  /** Makes more identifiers lead to a person; one that leads to another person stays there. */
  link(sql: Sql, personId: string, identifiers: readonly PersonIdentifier[]): Promise<void>;
  /** Holds the person's row until the transaction ends: the order of a person's events is decided under it. */
  lock(sql: Sql, personId: string): Promise<void>;
}

interface Link {
  readonly hmac: string;
  readonly personId: string;
}

/** A person who is made, and the HMACs of the identifiers that are to lead there. */
interface Made {
  readonly hmacs: readonly string[];
  readonly personId: string;
}

export function createPersonIndex(indexKey: string): PersonIndex {
  const hmacOf = ({ kind, value }: PersonIdentifier): string =>
    createHmac('sha256', indexKey).update(`person\n${kind}\n${value.trim()}`).digest('hex');

  const find = async (sql: Sql, hmacs: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const rows = await sql.query<{ hmac: string; person_id: string }>(
      `select encode(identifier_hmac, 'hex') as hmac, person_id from mediator.person_link
       where identifier_hmac in (select decode(hmac, 'hex') from unnest($1::text[]) as hmac)`,
      [hmacs],
    );
    return new Map(rows.map((row) => [row.hmac, row.person_id]));
  };

  /** Gives back the HMACs that now lead where they were to lead. In one order, so that transactions do not deadlock. */
  const insert = async (sql: Sql, links: readonly Link[]): Promise<ReadonlySet<string>> => {
    const rows = await sql.query<{ hmac: string }>(
      `insert into mediator.person_link (identifier_hmac, person_id)
       select decode(hmac, 'hex'), "personId" from json_to_recordset($1::json) as new (hmac text, "personId" uuid) order by hmac
       on conflict (identifier_hmac) do nothing returning encode(identifier_hmac, 'hex') as hmac`,
      [JSON.stringify(links)],
    );
    return new Set(rows.map(({ hmac }) => hmac));
  };

  /**
   * Makes persons with these identifiers; gives back those who have all of theirs. A concurrent delivery may have linked one
   * first: our insert waited for it, and the person it names is the one. Who was made in vain is removed again.
   */
  const make = async (sql: Sql, made: readonly Made[]): Promise<readonly Made[]> => {
    const idsOf = (persons: readonly Made[]): string[] => persons.map(({ personId }) => personId);
    await sql.query('insert into mediator.person (id) select unnest($1::uuid[])', [idsOf(made)]);
    const linked = await insert(
      sql,
      made.flatMap(({ hmacs, personId }) => hmacs.map((hmac) => ({ hmac, personId }))),
    );
    const isWhole = ({ hmacs }: Made): boolean => hmacs.every((hmac) => linked.has(hmac));
    const inVain = idsOf(made.filter((one) => !isWhole(one)));
    if (inVain.length > 0) {
      await sql.query('delete from mediator.person_link where person_id = any($1::uuid[])', [inVain]);
      await sql.query('delete from mediator.person where id = any($1::uuid[])', [inVain]);
    }
    return made.filter(isWhole);
  };

  const resolveOne = async (sql: Sql, hmacs: readonly string[]): Promise<string> => {
    const known = await find(sql, hmacs);
    const personId = hmacs.map((hmac) => known.get(hmac)).find((found) => found !== undefined);
    if (personId === undefined) {
      const [made] = await make(sql, [{ hmacs, personId: randomUUID() }]);
      return made?.personId ?? resolveOne(sql, hmacs);
    }
    await insert(
      sql,
      hmacs.map((hmac) => ({ hmac, personId })),
    );
    return personId;
  };

  /** Those of which nothing is known yet, and which share nothing with each other: made together. */
  const makeStrangers = async (
    sql: Sql,
    lists: readonly (readonly string[])[],
  ): Promise<ReadonlyMap<readonly string[], string>> => {
    const known = await find(sql, lists.flat());
    const uses = new Map<string, number>();
    for (const hmac of lists.flat()) uses.set(hmac, (uses.get(hmac) ?? 0) + 1);
    const strangers = lists.filter((hmacs) => hmacs.every((hmac) => !known.has(hmac) && uses.get(hmac) === 1));
    if (strangers.length === 0) return new Map();
    const made = await make(
      sql,
      strangers.map((hmacs) => ({ hmacs, personId: randomUUID() })),
    );
    return new Map(made.map(({ hmacs, personId }) => [hmacs, personId]));
  };

  return {
    async resolve(sql, lists) {
      const hmacs = lists.map((identifiers) => [...new Set(identifiers.map(hmacOf))]);
      const strangers = await makeStrangers(sql, hmacs);
      const resolved: Resolved[] = [];
      for (const list of hmacs) {
        const personId = strangers.get(list);
        resolved.push(
          personId === undefined ? { personId: await resolveOne(sql, list), isNew: false } : { personId, isNew: true },
        );
      }
      return resolved;
    },
    async known(sql, identifiers) {
      return [...new Set((await find(sql, identifiers.map(hmacOf))).values())].sort();
    },
    async link(sql, personId, identifiers) {
      await insert(
        sql,
        identifiers.map((identifier) => ({ hmac: hmacOf(identifier), personId })),
      );
    },
    async lock(sql, personId) {
      await sql.query('select id from mediator.person where id = $1 for update', [personId]);
    },
  };
}
