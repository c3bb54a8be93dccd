import { createHmac, randomUUID } from 'node:crypto';
import type { PersonIdentifier } from '../../vital-events/index.js';
import type { Sql } from './database.js';

/**
 * Which events belong to one person, found by HMACs of identifiers under `INDEX_KEY`. It outlives the erasure of
 * personal data, so that a death finds its birth.
 */
export interface PersonIndex {
  /** The person who has one of these identifiers, made when there is none; all of them lead to that person afterwards. */
  resolve(sql: Sql, identifiers: readonly PersonIdentifier[]): Promise<string>;
  /** Makes more identifiers lead to a person; one that leads to another person stays there. */
  link(sql: Sql, personId: string, identifiers: readonly PersonIdentifier[]): Promise<void>;
  /** Holds the person's row until the transaction ends: the order of a person's events is decided under it. */
  lock(sql: Sql, personId: string): Promise<void>;
}

export function createPersonIndex(indexKey: string): PersonIndex {
  const hmac = ({ kind, value }: PersonIdentifier): Buffer =>
    createHmac('sha256', indexKey).update(`person\n${kind}\n${value.trim()}`).digest();

  // Sorted, so that two transactions with the same identifiers wait for each other instead of deadlocking.
  const hmacsOf = (identifiers: readonly PersonIdentifier[]): Buffer[] => identifiers.map(hmac).sort(Buffer.compare);

  const insertLinks = async (sql: Sql, personId: string, hmacs: readonly Buffer[]): Promise<void> => {
    for (const entry of hmacs) {
      await sql.query(
        'insert into mediator.person_link (identifier_hmac, person_id) values ($1, $2) on conflict (identifier_hmac) do nothing',
        [entry, personId],
      );
    }
  };

  const find = async (sql: Sql, hmacs: readonly Buffer[]): Promise<string | undefined> => {
    for (const entry of hmacs) {
      const [row] = await sql.query<{ person_id: string }>(
        'select person_id from mediator.person_link where identifier_hmac = $1',
        [entry],
      );
      if (row !== undefined) return row.person_id;
    }
    return undefined;
  };

  return {
    async resolve(sql, identifiers) {
      const hmacs = hmacsOf(identifiers);
      const known = await find(sql, hmacs);
      if (known !== undefined) {
        await insertLinks(sql, known, hmacs);
        return known;
      }
      const fresh = randomUUID();
      await sql.query('insert into mediator.person (id) values ($1)', [fresh]);
      // A concurrent delivery may link first: its insert is waited for, and the person it names is the one.
      await insertLinks(sql, fresh, hmacs);
      return (await find(sql, hmacs)) ?? fresh;
    },
    link: (sql, personId, identifiers) => insertLinks(sql, personId, hmacsOf(identifiers)),
    async lock(sql, personId) {
      await sql.query('select id from mediator.person where id = $1 for update', [personId]);
    },
  };
}
