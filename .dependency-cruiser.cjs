/**
 * The arrows of the architecture, from left to right. A part may import what stands to its right; parts in one row
 * never import each other. Parsed with swc, because dependency-cruiser has no TypeScript 7 parser yet; it sees
 * type-only imports as well.
 */
const ROWS = [
  ['main', 'cli'],
  ['run'],
  ['service'],
  ['operator'],
  ['intake', 'fhir-api', 'pipeline', 'reconciliation'],
  ['http'],
  ['opencrvs', 'national-id', 'openhim'],
  ['vital-events'],
  ['config'],
  ['outbound'],
  ['telemetry'],
  ['errors', 'runtime', 'node-version'],
];

/** A part is a folder of src or a single file there. */
const pathOf = (parts) => `^src/(?:${parts.join('|')})(?:/|\\.ts$)`;

const arrows = ROWS.flatMap((row, index) =>
  row.map((part) => ({
    name: `arrow-${part}`,
    comment: `${part} imports itself and what stands to its right in the architecture, nothing else.`,
    severity: 'error',
    from: { path: pathOf([part]) },
    to: { path: '^src/', pathNot: pathOf([part, ...ROWS.slice(index + 1).flat()]) },
  })),
);

module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'known-part',
      comment: 'Every file of src belongs to a part that has its place among the arrows.',
      severity: 'error',
      from: { path: '^src/', pathNot: pathOf(ROWS.flat()) },
      to: {},
    },
    {
      name: 'index-only',
      comment: 'Another folder is entered by its index.ts.',
      severity: 'error',
      from: { path: '^src/([^/]+)' },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'no-cycle',
      comment: 'No file reaches itself by its imports.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'production-module',
      comment: 'The image holds production modules only.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads to a file.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'src-only',
      comment: 'The service is made of src; tests and scripts stay outside.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(?:test|scripts|dist)/' },
    },
  ],
  options: { parser: 'swc', doNotFollow: { path: 'node_modules' } },
};
