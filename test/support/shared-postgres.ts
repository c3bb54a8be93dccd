import pg from 'pg';

/** The database with an empty store that others are copied from. */
export const TEMPLATE = 'mediator_template';

/** Makes a database on a server, empty or as a copy of another, unless it is there; gives its address. */
export async function createDatabase(serverUrl: string, name: string, template = 'template1'): Promise<string> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    // Two instances of a test may ask at once.
    await admin.query('select pg_advisory_lock(1)');
    const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await admin.query(`create database ${name} template ${template}`);
  } finally {
    await admin.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.toString();
}

/** The server that all tests share. A test that stops its server, or wants an empty database, starts its own. */
export function sharedPostgres(): string {
  const url = process.env['SHARED_POSTGRES'];
  if (url === undefined) throw new Error('jest.global-setup.js has started no PostgreSQL server');
  return url;
}
