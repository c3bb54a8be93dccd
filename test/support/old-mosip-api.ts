import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { MOSIP_ACCOUNTS, type MosipPeer } from '../peers/mosip-peer.js';
import { mosipSettings } from '../peers/mosip-settings.js';
import { inEnglish } from './opencrvs-mosip-requests.js';

/** A row as opencrvs/mosip keeps one: `id` is its packet id at MOSIP. */
export interface OldRow {
  readonly id: string;
  readonly token: string;
  readonly registrationNumber: string;
}

/** Writes a database as opencrvs/mosip does (its `packages/mosip-api/src/database.ts`, v1.9.2). */
export function writeOldDatabase(file: string, rows: readonly OldRow[]): void {
  const database = new DatabaseSync(file);
  database.exec(`create table transactions (id text primary key, token text unique not null,
    registration_number text unique not null, created_at text not null default (datetime('now'))) strict`);
  const insert = database.prepare('insert into transactions (id, token, registration_number) values (?, ?, ?)');
  for (const { id, token, registrationNumber } of rows) insert.run(id, token, registrationNumber);
  database.close();
}

const Answer = z.object({ errors: z.array(z.unknown()).nullable() });

async function call(url: string, method: string, cookie: string, request: object): Promise<Response> {
  const requesttime = new Date().toISOString();
  const id = 'mosip.registration.processor.workflow.instance';
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ id, version: 'v1', requesttime, request }),
  });
  const { errors } = Answer.parse(await response.clone().json());
  if (errors !== null && errors.length > 0) throw new Error(`MOSIP refused it: ${JSON.stringify(errors)}`);
  return response;
}

/** Sends a birth to MOSIP as opencrvs/mosip does (reference/mosip.md 1.1 steps 2 to 4). */
export async function submitAsOldService(mosip: MosipPeer, row: OldRow): Promise<void> {
  const { authUrl, packetManagerUrl, workflowUrl, schemaJson } = mosipSettings(mosip.url, {
    callbackUrl: '',
    credentialKey: '',
  });
  const { packetClient, appId } = MOSIP_ACCOUNTS;
  const login = await call(authUrl, 'POST', '', { clientId: packetClient.id, secretKey: packetClient.secret, appId });
  const cookie = `Authorization=${login.headers.get('authorization')}`;
  const sent = { process: 'CRVS_NEW', source: 'OPENCRVS' };
  await call(packetManagerUrl, 'PUT', cookie, {
    ...sent,
    id: row.id,
    refId: '10001_10004',
    offlineMode: false,
    schemaVersion: '0.100',
    schemaJson,
    fields: {
      birthCertificateNumber: row.registrationNumber,
      fullName: inEnglish('Thandiwe'),
      dateOfBirth: '2024/01/28',
      gender: inEnglish('Female'),
      addressLine1: inEnglish('Jacaranda Road'),
    },
    metaInfo: {},
    audits: [{ id: row.id }],
  });
  const notificationInfo = { name: 'Chipo', phone: '', email: '' };
  await call(workflowUrl, 'POST', cookie, {
    ...sent,
    registrationId: row.id,
    additionalInfoReqId: '',
    notificationInfo,
  });
}
