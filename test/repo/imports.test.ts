import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ROOT } from './repository.js';

/** A small tree in which each import rule is broken once, beside imports that are allowed. */
const TREE: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "bad", "type": "module", "dependencies": {}, "devDependencies": { "tool": "1.0.0" } }',
  'node_modules/tool/package.json': '{ "name": "tool", "version": "1.0.0", "main": "index.js" }',
  'node_modules/tool/index.js': 'module.exports = {};',
  'src/errors/index.ts': 'export const error = 1;',
  'src/errors/hidden.ts': 'export type Hidden = 1;',
  'src/runtime/index.ts': "export { error } from '../errors/index.js';",
  'src/config/index.ts': "export { error } from '../errors/index.js';",
  'src/opencrvs/index.ts': "export type { Person } from '../national-id/index.js';",
  'src/national-id/index.ts': 'export type Person = 1;',
  'src/intake/index.ts': "import { work } from '../pipeline/index.js';\nexport const intake = work;",
  'src/pipeline/index.ts': "import type { Hidden } from '../errors/hidden.js';\nexport const work: Hidden = 1;",
  'src/http/index.ts': "export const later = () => import('../service.js');",
  'src/service.ts': "export { error } from './config/index.js';",
  'src/main.ts': "import './service.js';\nimport './telemetry/index.js';",
  'src/telemetry/index.ts': "export { a } from './a.js';",
  'src/telemetry/a.ts': "import type { b } from './b.js';\nexport const a = 1 as typeof b;",
  'src/telemetry/b.ts': "import { a } from './a.js';\nexport const b = a;",
  'src/helpers/index.ts': "import 'node:fs';",
  'src/openhim/index.ts': "import tool from 'tool';\nimport './missing.js';\nexport const t = tool;",
  'src/outbound/index.ts': "import '../../scripts/build.js';",
  'scripts/build.ts': 'export {};',
};

const Report = z.object({
  summary: z.object({
    violations: z.array(z.object({ rule: z.object({ name: z.string() }), from: z.string(), to: z.string() })),
  }),
});

const folder = mkdtempSync(join(tmpdir(), 'imports-'));
let exitCode: number | null;
let violations: readonly string[];

beforeAll(() => {
  for (const [path, content] of Object.entries(TREE)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = join(ROOT, '.dependency-cruiser.cjs');
  const args = [program, '--config', config, 'src', '--output-type'];
  exitCode = spawnSync(process.execPath, [...args, 'err'], { cwd: folder }).status;
  const { stdout } = spawnSync(process.execPath, [...args, 'json'], { cwd: folder, encoding: 'utf8' });
  violations = Report.parse(JSON.parse(stdout)).summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`,
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['between siblings of one row', 'arrow-runtime: src/runtime/index.ts -> src/errors/index.ts'],
  ['between adapters, by type only', 'arrow-opencrvs: src/opencrvs/index.ts -> src/national-id/index.ts'],
  ['of the pipeline by an intake', 'arrow-intake: src/intake/index.ts -> src/pipeline/index.ts'],
  ['against the arrow, dynamically', 'arrow-http: src/http/index.ts -> src/service.ts'],
  ['past an index', 'index-only: src/pipeline/index.ts -> src/errors/hidden.ts'],
  ['in a circle, by type only', 'no-cycle: src/telemetry/a.ts -> src/telemetry/b.ts'],
  ['by a folder without a place', 'known-part: src/helpers/index.ts -> fs'],
  ['of a development module', 'production-module: src/openhim/index.ts -> node_modules/tool/index.js'],
  ['of nothing', 'resolvable: src/openhim/index.ts -> ./missing.js'],
  ['of a script', 'src-only: src/outbound/index.ts -> scripts/build.ts'],
])('finds an import %s', (_, expected) => {
  expect(violations).toContain(expected);
});

test('lets through what follows the arrows', () => {
  const allowed = ['src/config/index.ts', 'src/service.ts', 'src/main.ts'];
  expect(violations.filter((violation) => allowed.some((file) => violation.includes(`: ${file} ->`)))).toEqual([]);
});

test('fails the run', () => {
  expect(exitCode).toBeGreaterThan(0);
});
