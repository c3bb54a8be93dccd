import { expect, test } from '@jest/globals';
import { capabilityStatement } from '../../../src/fhir-api/index.js';

const facts = {
  version: '1.2.3',
  date: '2024-03-01T00:00:00.000Z',
  capabilities: new Set(['issue', 'deactivate'] as const),
};

test('in front of a FHIR server it claims what passes', () => {
  const statement = capabilityStatement({ ...facts, system: 'fhir', interactions: ['read', 'create'] });

  expect(statement).toMatchObject({
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: facts.date,
    kind: 'instance',
    software: { version: '1.2.3' },
    fhirVersion: '4.0.1',
    implementation: { description: expect.stringContaining('births and deaths') },
    rest: [{ mode: 'server', resource: [{ type: 'Patient', interaction: [{ code: 'read' }, { code: 'create' }] }] }],
  });
});

test('in front of another system it claims no interaction', () => {
  const statement = capabilityStatement({ ...facts, system: 'mosip', interactions: [] });

  expect(statement['rest']).toEqual([{ mode: 'server', documentation: expect.any(String) }]);
});

test('an event that the system does not take is not named', () => {
  const capabilities = new Set(['issue'] as const);
  const statement = capabilityStatement({ ...facts, capabilities, system: 'mosip', interactions: [] });

  expect(JSON.stringify(statement)).not.toContain('deaths');
});
