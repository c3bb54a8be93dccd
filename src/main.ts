import { checkNodeVersion } from './node-version.js';

checkNodeVersion();
// Only now: the rest needs modules that an older Node does not have.
const { run } = await import('./run.js');
await run(process.env);
