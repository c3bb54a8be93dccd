import { parseArgs } from 'node:util';
import { SYSTEMS, type System } from './national-id/part.js';
import { VERSIONS, type Version } from './opencrvs/part.js';

export interface DemoOptions {
  readonly opencrvs: Version;
  readonly system: System;
  /** End after the outcome instead of staying up. */
  readonly once: boolean;
  /** Log lines of the mediator to standard output instead of a file. */
  readonly verbose: boolean;
  /** Another folder of mappings. */
  readonly mappings: string | undefined;
  /** How long each thing may take to be seen. */
  readonly deadlineMs: number;
  /** MOSIP makes the credential and never delivers it. */
  readonly loseCredential: boolean;
}

export const USAGE = `Usage: npm run demo -- [options]

  --opencrvs VERSION  the OpenCRVS to show: ${VERSIONS.join(', ')} (1.2)
  --system SYSTEM     the national ID system to show: ${SYSTEMS.join(', ')} (mosip); another than mosip goes with
                      OpenCRVS 1.2 only
  --once              end after the outcome; exit code 0 only if everything is settled
  --verbose           print the log lines of the mediator instead of writing them to a file
  --mappings FOLDER   use the mappings in this folder (a copy of config/mappings that you have changed)
  --deadline SECONDS  how long each thing may take to be seen (20)
  --lose-credential   let MOSIP lose the credential of the birth, to see the demo fail
`;

/**
 * Reads the arguments of the demo.
 *
 * @throws TypeError with plain words about the argument that is wrong
 */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      opencrvs: { type: 'string', default: '1.2' },
      system: { type: 'string', default: 'mosip' },
      once: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      mappings: { type: 'string' },
      deadline: { type: 'string', default: '20' },
      'lose-credential': { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.deadline);
  if (!(seconds > 0)) throw new TypeError('--deadline wants a number of seconds');
  const version = VERSIONS.find((known) => known === values.opencrvs);
  if (version === undefined) throw new TypeError(`--opencrvs wants one of ${VERSIONS.join(', ')}`);
  const system = SYSTEMS.find((known) => known === values.system);
  if (system === undefined) throw new TypeError(`--system wants one of ${SYSTEMS.join(', ')}`);
  if (system !== 'mosip' && version !== '1.2') throw new TypeError(`--system ${system} goes with OpenCRVS 1.2 only`);
  if (system !== 'mosip' && values['lose-credential']) throw new TypeError('--lose-credential goes with MOSIP only');
  return {
    opencrvs: version,
    system,
    once: values.once,
    verbose: values.verbose,
    mappings: values.mappings,
    deadlineMs: seconds * 1000,
    loseCredential: values['lose-credential'],
  };
}
