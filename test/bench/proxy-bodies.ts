/** A Patient of about 3 KB, as a registry keeps one. `base` is the address that its server gives itself. */
function patient(serial: number): Record<string, unknown> {
  const name = { use: 'official', text: `Thandiwe Chileshe Mwansa-${serial}`, family: `Mwansa-${serial}` };
  const line = ['Plot 4711, Great East Road', 'Ward 12', 'Chelstone'];
  const coding = (system: string, code: string, display: string): object => ({ coding: [{ system, code, display }] });
  const contact = (role: string, given: string): object => ({
    relationship: [coding('http://terminology.hl7.org/CodeSystem/v3-RoleCode', role, 'parent of the person')],
    name: { use: 'official', family: `Mwansa-${serial}`, given: [given, 'Mutinta'] },
    telecom: [{ system: 'phone', value: `+26097${1_000_000 + serial}`, use: 'mobile' }],
    address: { use: 'home', line, city: 'Lusaka', district: 'Lusaka', state: 'Lusaka Province', country: 'ZMB' },
    gender: role === 'MTH' ? 'female' : 'male',
  });
  return {
    resourceType: 'Patient',
    id: `person-${serial}`,
    meta: { versionId: '3', lastUpdated: '2024-02-29T11:22:33.444Z', profile: ['http://registry.example/Person'] },
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">${'A registered person. '.repeat(36)}</div>`,
    },
    identifier: [
      {
        use: 'official',
        type: coding('http://terminology.hl7.org/CodeSystem/v2-0203', 'NI', 'National unique individual identifier'),
        system: 'urn:national-id',
        value: String(7_000_000_000 + serial),
        period: { start: '2024-01-30' },
      },
      {
        type: coding('http://terminology.hl7.org/CodeSystem/v2-0203', 'BCT', 'Birth certificate'),
        system: 'urn:registration-number',
        value: `2024BMWANSA${serial}`,
      },
    ],
    active: true,
    name: [{ ...name, given: ['Thandiwe', 'Chileshe'] }],
    telecom: [{ system: 'phone', value: `+26096${1_000_000 + serial}`, use: 'mobile', rank: 1 }],
    gender: 'female',
    birthDate: '2024-01-28',
    address: [{ use: 'home', type: 'physical', line, city: 'Lusaka', state: 'Lusaka Province', country: 'ZMB' }],
    multipleBirthInteger: 1,
    contact: [contact('MTH', 'Bupe'), contact('FTH', 'Kondwani')],
    generalPractitioner: [{ reference: 'Practitioner/registrar-12', display: 'Registrar of Chelstone' }],
    managingOrganization: { reference: 'Organization/civil-registration', display: 'Civil registration' },
  };
}

const PATIENTS_IN_BUNDLE = 18;

export interface BenchBodies {
  /** About 3 KB. */
  readonly patient: string;
  /** About 57 KB: a page of a search, with the links that a FHIR server puts there. */
  readonly bundle: string;
}

export function benchBodies(base: string): BenchBodies {
  const search = `${base}/Patient?birthdate=2024-01-28`;
  return {
    patient: JSON.stringify(patient(0)),
    bundle: JSON.stringify({
      resourceType: 'Bundle',
      id: 'page-1',
      type: 'searchset',
      total: 1_900,
      link: [
        { relation: 'self', url: search },
        { relation: 'next', url: `${base}?_getpages=5c1d2e&_getpagesoffset=20&_count=20` },
      ],
      entry: Array.from({ length: PATIENTS_IN_BUNDLE }, (_, serial) => ({
        fullUrl: `${base}/Patient/person-${serial}`,
        resource: patient(serial),
        search: { mode: 'match' },
      })),
    }),
  };
}
