/** Makes an empty embedded store in the folder that is given: see `embedded-template.ts`. */
import { startPgBossJobs } from '../../src/pipeline/pg-boss-jobs.js';
import { openEmbedded } from '../../src/pipeline/store/embedded.js';
import { openDatabase } from '../../src/pipeline/store/index.js';
import { createMemoryLog } from '../fakes/memory-log.js';

const [folder = ''] = process.argv.slice(2);
const { log } = createMemoryLog();
const database = await openDatabase(() => openEmbedded(folder));
const jobs = await startPgBossJobs({ database, log });
await jobs.stop(5_000);
await database.close();
