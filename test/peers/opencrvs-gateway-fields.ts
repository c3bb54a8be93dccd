import { z } from 'zod';

const Resource = z.looseObject({ resourceType: z.string(), id: z.string() });
type Resource = z.infer<typeof Resource>;
const Bundle = z.object({ entry: z.array(z.object({ resource: Resource })) });

const Reference = z.object({ reference: z.string() });
const Coded = z.object({ coding: z.array(z.object({ code: z.string() })) });
const Composition = z.object({
  section: z.array(z.object({ code: Coded, entry: z.array(Reference) })),
});
const Extension = z.looseObject({ url: z.string() });
const Patient = z.looseObject({
  active: z.boolean().optional(),
  name: z.array(z.object({ use: z.string(), given: z.array(z.string()), family: z.unknown() })),
  identifier: z.array(z.object({ type: Coded, value: z.string() })).default([]),
  maritalStatus: z.object({ text: z.string() }).optional(),
  multipleBirthInteger: z.number().optional(),
  extension: z.array(Extension).default([]),
});
const Nationality = z.object({
  extension: z.array(z.object({ url: z.string(), valueCodeableConcept: Coded.optional() })),
});

const OWN = 'http://opencrvs.org/specs/extension/';

/** A Patient as the resolvers of Person show it; of an absent one hardly anything (type-resolvers.ts, core v1.9.0). */
function personFields(resource: Resource | undefined): object | null {
  if (resource === undefined) return null;
  const patient = Patient.parse(resource);
  const { active, name, identifier, extension, maritalStatus, multipleBirthInteger } = patient;
  const find = (url: string) => extension.find((given) => given.url === url);
  const own = (suffix: string): unknown => {
    const given = find(`${OWN}${suffix}`);
    return given?.['valueInteger'] ?? given?.['valueString'];
  };
  if (active === false) return { id: resource.id, detailsExist: false, reasonNotApplying: own('reason-not-applying') };
  const nationality = Nationality.safeParse(find('http://hl7.org/fhir/StructureDefinition/patient-nationality')).data;
  return {
    ...patient,
    id: resource.id,
    name: name.map(({ use, given, family }) => ({
      use,
      firstNames: given[0] ?? '',
      middleName: given[1] ?? '',
      familyName: Array.isArray(family) ? family.join(' ') : family,
    })),
    identifier: identifier.map(({ type, value }) => ({ type: type.coding[0]?.code, id: value })),
    maritalStatus: maritalStatus?.text,
    multipleBirth: multipleBirthInteger,
    nationality: nationality?.extension.flatMap(
      (part) => part.valueCodeableConcept?.coding.map(({ code }) => code) ?? [],
    ),
    ageOfIndividualInYears: own('age-of-individual-in-years'),
    age: own('age'),
    occupation: own('patient-occupation'),
    educationalAttainment: own('educational-attainment'),
    detailsExist: active,
    deceased: { deceased: 'deceasedDateTime' in patient, deathDate: patient['deceasedDateTime'] },
  };
}

/** A record as the resolvers of BirthRegistration and DeathRegistration show it. */
export function recordFields(bundle: unknown): Readonly<Record<string, unknown>> {
  const resources = Bundle.parse(bundle).entry.map(({ resource }) => resource);
  const composition = Composition.parse(resources.find(({ resourceType }) => resourceType === 'Composition'));
  const find = (reference: string | undefined) =>
    resources.find(({ resourceType, id }) => `${resourceType}/${id}` === reference);
  const inSection = (wanted: string) =>
    find(composition.section.find(({ code }) => code.coding[0]?.code === wanted)?.entry[0]?.reference);
  const person = (section: string) => personFields(inSection(section));

  const related = z.object({ patient: Reference, relationship: Coded }).safeParse(inSection('informant-details')).data;
  const informant = related && personFields(find(related.patient.reference));
  const encounter = z
    .object({ location: z.array(z.object({ location: Reference })) })
    .safeParse(inSection('birth-encounter') ?? inSection('death-encounter')).data;
  const location = find(encounter?.location[0]?.location.reference);
  return {
    child: person('child-details'),
    deceased: person('deceased-details'),
    mother: person('mother-details'),
    father: person('father-details'),
    spouse: person('spouse-details'),
    // Neither has a resolver: the members of the RelatedPerson itself, which has none.
    informant: informant && {
      ...informant,
      id: undefined,
      gender: null,
      telecom: null,
      _fhirIDPatient: related.patient.reference.split('/')[1],
      relationship: related.relationship.coding[0]?.code,
    },
    eventLocation: location && { ...location, type: Coded.parse(location['type']).coding[0]?.code },
  };
}
