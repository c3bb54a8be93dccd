export { type Clock, isoNow, systemClock } from './clock.js';
export { isSame } from './is-same.js';
export { type Repeater, repeat } from './repeat.js';
export { upTo } from './up-to.js';
