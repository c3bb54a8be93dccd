/**
 * The main job, shown: a birth and what comes after it go through the real mediator between small servers that stand
 * for OpenHIM, OpenCRVS and a national ID system. Exit codes: 0 all was seen, 1 not all was, 64 wrong usage, 130 interrupted.
 */
import { sayAddresses } from './addresses.js';
import { connect } from './connect.js';
import { fhirApi } from './fhir-api.js';
import { mainJob } from './main-job.js';
import { NotSeen } from './observe.js';
import { type DemoOptions, readOptions, USAGE } from './options.js';
import { openStage, type Stage } from './stage.js';

const EX_USAGE = 64;
const INTERRUPTED = 130;

const write = (text: string): void => void process.stdout.write(text);
const signal = new Promise<undefined>((resolve) => {
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve(undefined));
});

/** All acts; gives the id of a Patient that can be read, if FHIR clients were shown: after MOSIP only. */
async function play(stage: Stage, { system }: DemoOptions): Promise<{ readonly patientId: string | undefined }> {
  const startedAt = performance.now();
  await connect(stage);
  const birthId = await mainJob(stage);
  const { birth, after, child } = stage.opencrvs;
  const showsClients = system === 'mosip' && child !== undefined;
  const patientId = showsClients ? await fhirApi(stage, birthId) : undefined;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  stage.say('');
  const settled = [birth, after].map(({ kind }) => `${kind} settled`).join(', ');
  stage.say(`Outcome: ${settled}, after ${seconds} s.`);
  return { patientId };
}

async function run(options: DemoOptions): Promise<number> {
  const stage = await openStage(options, write);
  try {
    const played = await Promise.race([play(stage, options), signal]);
    if (played === undefined) return INTERRUPTED;
    if (options.once) return 0;
    sayAddresses(stage, played.patientId);
    await signal;
    return 0;
  } catch (thrown) {
    stage.say('');
    stage.say(`Outcome: failed. ${thrown instanceof NotSeen ? thrown.message : String(thrown)}`);
    return 1;
  } finally {
    await stage.close();
  }
}

function parse(): DemoOptions | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${USAGE}`);
    return undefined;
  }
}

const options = parse();
// Ends also what an interrupted demo still waits for.
process.exit(options === undefined ? EX_USAGE : await run(options));
