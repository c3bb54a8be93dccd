import { createHash } from 'node:crypto';
import { openEmbedded } from '../../src/pipeline/store/embedded.js';
import type { Database } from '../../src/pipeline/store/index.js';
import { openPostgres } from '../../src/pipeline/store/postgres.js';
import type { Logger } from '../../src/telemetry/index.js';
import { copyTemplate } from './embedded-template.js';
import { execute } from './postgres-server.js';
import { createDatabase, sharedPostgres, TEMPLATE } from './shared-postgres.js';

/** The two engines that the service runs on. */
export const ENGINES = ['embedded', 'postgres'] as const;
export type Engine = (typeof ENGINES)[number];

/** Where tests keep their events. Opened again for the same folder it holds the same data. */
export interface TestStore {
  open(deps: { readonly log: Logger }, folder: string): Promise<Database>;
  stop(): Promise<void>;
}

/** A database of its own for each folder; empty, or with an empty store in it where a template is named. */
export function postgresStore(serverUrl: string, template?: string): TestStore {
  const names = new Set<string>();
  return {
    async open(deps, folder) {
      const name = `mediator_${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
      names.add(name);
      return openPostgres(deps, await createDatabase(serverUrl, name, template));
    },
    async stop() {
      await execute(serverUrl, ...[...names].map((name) => `drop database ${name} with (force)`));
    },
  };
}

/** The embedded engine in the folder itself, or a database on the server that all tests share. */
export async function startTestStore(engine: Engine): Promise<TestStore> {
  if (engine === 'postgres') return postgresStore(sharedPostgres(), TEMPLATE);
  return {
    async open(_deps, folder) {
      copyTemplate(folder);
      return openEmbedded(folder);
    },
    stop: async () => undefined,
  };
}
