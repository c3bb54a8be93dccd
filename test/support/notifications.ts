import { randomUUID } from 'node:crypto';

export const OFFICE = { resourceType: 'Location', id: 'office-1', type: { coding: [{ code: 'CRVS_OFFICE' }] } };
export const CLINIC = {
  resourceType: 'Location',
  id: 'clinic-1',
  name: 'Eastview Clinic',
  type: { coding: [{ code: 'HEALTH_FACILITY' }] },
};

export interface NotificationParts {
  readonly kind?: 'birth' | 'death';
  readonly office?: string;
  readonly place?: string;
}

/** A FHIR document as a health system sends it to OpenCRVS 1.2 to 1.9, about a person made up here. */
export function healthNotification({ kind = 'birth', office = OFFICE.id, place = CLINIC.id }: NotificationParts = {}) {
  const [composition, task, person, encounter] = Array.from({ length: 4 }, () => `urn:uuid:${randomUUID()}`);
  const section = (code: string, reference: string | undefined) => ({
    code: { coding: [{ code }] },
    entry: [{ reference }],
  });
  const subject = kind === 'birth' ? 'child-details' : 'deceased-details';
  return {
    resourceType: 'Bundle',
    type: 'document',
    meta: { lastUpdated: '2024-02-19T08:41:12.318Z' },
    entry: [
      {
        fullUrl: composition,
        resource: {
          resourceType: 'Composition',
          type: { coding: [{ system: 'http://opencrvs.org/doc-types', code: `${kind}-notification` }] },
          section: [section(subject, person), section(`${kind}-encounter`, encounter)],
        },
      },
      {
        fullUrl: task,
        resource: {
          resourceType: 'Task',
          status: 'draft',
          intent: 'unknown',
          focus: { reference: composition },
          identifier: [],
          extension: [
            {
              url: 'http://opencrvs.org/specs/extension/regLastOffice',
              valueReference: { reference: `Location/${office}` },
            },
          ],
        },
      },
      {
        fullUrl: person,
        resource: { resourceType: 'Patient', name: [{ use: 'en', given: ['Thandiwe'], family: ['Phiri'] }] },
      },
      {
        fullUrl: encounter,
        resource: { resourceType: 'Encounter', location: [{ location: { reference: `Location/${place}` } }] },
      },
    ],
  };
}
