import Sequencer from '@jest/test-sequencer';

/** Those that take longest, the longest first: begun last, one of them would run alone at the end. */
const FIRST = [
  'integration/demo',
  'simulation/',
  'chaos/',
  'integration/service/',
  'integration/pipeline/',
  'contract/',
  'integration/',
];

const rankOf = ({ path }) => {
  const rank = FIRST.findIndex((part) => path.includes(`/test/${part}`));
  return rank < 0 ? FIRST.length : rank;
};

/** The order of the test files, the same on a machine that has never run them. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return [...tests].sort((a, b) => rankOf(a) - rankOf(b) || a.path.localeCompare(b.path));
  }
}
