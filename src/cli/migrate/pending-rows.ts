import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';

/** A registration that opencrvs/mosip has sent to MOSIP, and of which no credential has come. */
export interface PendingRow {
  /** Its packet id at MOSIP. */
  readonly transactionId: string;
  readonly registrationNumber: string;
  /** The record token by which alone OpenCRVS can be answered. */
  readonly token: string;
}

const Rows = z.array(z.object({ transactionId: z.string(), registrationNumber: z.string(), token: z.string() }));

/** Table and columns as in opencrvs/mosip `packages/mosip-api/src/database.ts` (reference/mosip.md 1.1 step 1). */
const SELECT = `select id as transactionId, registration_number as registrationNumber, token from transactions order by rowid`;

/**
 * Reads the pending registrations of an opencrvs/mosip database, oldest first. The file is opened for reading only.
 *
 * @throws MediatorError `request_invalid` when the file is no such database
 */
export function readPendingRows(file: string): readonly PendingRow[] {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    return Rows.parse(database.prepare(SELECT).all());
  } catch (cause) {
    const message = 'The file cannot be read as a database of opencrvs/mosip (SQLite, with the table "transactions").';
    throw new MediatorError('request_invalid', { message, cause });
  } finally {
    database?.close();
  }
}
