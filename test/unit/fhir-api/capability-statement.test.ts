import { expect, test } from '@jest/globals';
import { capabilityStatement } from '../../../src/fhir-api/index.js';

const facts = {
  version: '1.2.3',
  date: '2024-03-01T00:00:00.000Z',
  capabilities: new Set(['issue', 'deactivate'] as const),
  biometrics: 'reference' as const,
};

const offer = { documentation: 'Passes.', resource: [{ type: 'Patient', interaction: [{ code: 'read' }] }] };
const nothing = { documentation: 'Nothing.' };

test('it tells what it is, and claims what is offered', () => {
  const statement = capabilityStatement({ ...facts, system: 'fhir', offer });

  expect(statement).toMatchObject({
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: facts.date,
    kind: 'instance',
    software: { version: '1.2.3' },
    fhirVersion: '4.0.1',
    implementation: { description: expect.stringMatching(/births and deaths .* Biometrics: reference\.$/) },
    rest: [{ mode: 'server', ...offer }],
  });
});

test('where nothing is offered it claims nothing', () => {
  const statement = capabilityStatement({ ...facts, system: 'mosip', offer: nothing });

  expect(statement['rest']).toEqual([{ mode: 'server', ...nothing }]);
});

test('corrections and cancellations are named where the system takes them', () => {
  const capabilities = new Set(['issue', 'deactivate', 'update', 'reactivate', 'verify'] as const);
  const statement = capabilityStatement({ ...facts, capabilities, system: 'mosip', offer: nothing });

  expect(JSON.stringify(statement)).toContain('births, deaths, corrections, and cancellations that');
});

test('an event that the system does not take is not named', () => {
  const capabilities = new Set(['issue'] as const);
  const statement = capabilityStatement({ ...facts, capabilities, system: 'mosip', offer: nothing });

  expect(JSON.stringify(statement)).not.toContain('deaths');
});
