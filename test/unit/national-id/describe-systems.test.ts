import { expect, test } from '@jest/globals';
import { OFFERED } from '../../../src/national-id/describe-systems.js';
import { run } from '../../fakes/memory-terminal.js';
import { FEWEST } from '../config/environment.js';

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

test('without valid settings none is configured, and a word says so', async () => {
  const { code, said, systems } = await systemsWith({ NATIONAL_ID_SYSTEM: 'mosip', OPENHIM_REGISTER: 'false' });
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('not valid') });
  expect(systems).toHaveLength(4);
  expect(systems).not.toContainEqual(expect.objectContaining({ configured: true }));
});
