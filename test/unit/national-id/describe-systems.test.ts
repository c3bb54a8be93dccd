import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { OFFERED } from '../../../src/national-id/describe-systems.js';
import { run } from '../../fakes/memory-terminal.js';
import { FEWEST, temporaryFiles } from '../config/environment.js';

const SHIPPED = join(import.meta.dirname, '../../../config/mappings');
const files = temporaryFiles();

async function systemsWith(environment: Readonly<Record<string, string>>) {
  const { code, out, said } = await run(['systems', '--json'], { environment });
  return { code, said, systems: (JSON.parse(out) as { systems: unknown[] }).systems };
}

test('lists every system, and which is configured and current', async () => {
  const { code, said, systems } = await systemsWith(FEWEST);
  expect({ code, said }).toEqual({ code: 0, said: '' });
  expect(systems).toEqual([
    { name: 'mosip', configured: false, current: false, capabilities: OFFERED.mosip, biometrics: 'none' },
    { name: 'osia', configured: false, current: false, capabilities: OFFERED.osia, biometrics: 'none' },
    { name: 'fhir', configured: true, current: true, capabilities: OFFERED.fhir, biometrics: 'none' },
    { name: 'rest', configured: false, current: false, capabilities: OFFERED.rest, biometrics: 'none' },
  ]);
});

test.each([
  { name: 'shipped mappings', change: (text: string) => text, biometrics: 'none' },
  {
    name: 'a mapping that names documents',
    change: (text: string) => text.replace('"resourceType": "Patient",', '$& "photo": event.documents.content,'),
    biometrics: 'passed-on',
  },
])('tells what goes to a system besides, with $name', async ({ change, biometrics }) => {
  cpSync(SHIPPED, files.folder, { recursive: true });
  const file = join(files.folder, 'fhir', 'birth.jsonata');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  const environment = { ...FEWEST, MAPPINGS_DIR: files.folder, NATIONAL_ID_DOCUMENTS: 'passed-on' };
  const { systems } = await systemsWith(environment);
  expect(systems).toContainEqual(expect.objectContaining({ name: 'fhir', configured: true, biometrics }));
  const { out } = await run(['systems'], { environment });
  expect(out).toMatch(new RegExp(`^fhir .*; biometrics: ${biometrics}$`, 'm'));
});

test('without valid settings none is configured, and a word says so', async () => {
  const { code, said, systems } = await systemsWith({ NATIONAL_ID_SYSTEM: 'mosip', OPENHIM_REGISTER: 'false' });
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('not valid') });
  expect(systems).toHaveLength(4);
  expect(systems).not.toContainEqual(expect.objectContaining({ configured: true }));
});
