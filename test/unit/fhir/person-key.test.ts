import { expect, test } from '@jest/globals';
import { personKey } from '../../../src/national-id/fhir/person-key.js';
import type { Submission } from '../../../src/national-id/index.js';
import type { Identifier, Identity, VitalEvent } from '../../../src/vital-events/index.js';

const settings = { baseUrl: '', auth: { kind: 'none' }, nationalIdSystem: 'nid', registrationSystem: 'brn' } as const;
const NATIONAL_ID = { type: 'NATIONAL_ID', value: '11' };
const BIRTH_NUMBER = { type: 'BIRTH_REGISTRATION_NUMBER', value: '2020B' };

type About = Pick<Extract<VitalEvent, { kind: 'correction' }>, 'kind' | 'of' | 'revision'>;
const BIRTH_CHANGED: About = { kind: 'correction', of: 'birth', revision: '1' };
const DEATH_CHANGED: About = { kind: 'correction', of: 'death', revision: '1' };
const DEATH = { kind: 'death' } as const;

function submission(about: About | typeof DEATH, identifiers: readonly Identifier[], known?: Identity): Submission {
  const subject = { names: [], identifiers: [...identifiers], nationalities: [], addresses: [] };
  const event: VitalEvent = { ...about, registrationNumber: '2024X', subject };
  return { event, outwardKey: 'k', repeated: false, known, signal: new AbortController().signal };
}

test.each([
  { name: 'a birth: our number', about: BIRTH_CHANGED, recorded: [NATIONAL_ID], known: '22', key: 'nid|22' },
  { name: 'a birth: the recorded number', about: BIRTH_CHANGED, recorded: [NATIONAL_ID], key: 'nid|11' },
  { name: 'a birth: its registration', about: BIRTH_CHANGED, recorded: [], key: 'brn|2024X' },
  {
    name: 'a death: the recorded number',
    about: DEATH,
    recorded: [BIRTH_NUMBER, NATIONAL_ID],
    known: '22',
    key: 'nid|11',
  },
  { name: 'a death: our number', about: DEATH, recorded: [BIRTH_NUMBER], known: '22', key: 'nid|22' },
  { name: 'a death: the registration of the birth', about: DEATH, recorded: [BIRTH_NUMBER], key: 'brn|2020B' },
  { name: 'a death: never its own registration', about: DEATH, recorded: [], key: undefined },
  {
    name: 'a corrected death: as the death',
    about: DEATH_CHANGED,
    recorded: [NATIONAL_ID],
    known: '22',
    key: 'nid|11',
  },
])('$name', ({ about, recorded, known, key }) => {
  const found = personKey(
    submission(about, recorded, known === undefined ? undefined : { nationalId: known }),
    settings,
  );
  expect(found && `${found.system}|${found.value}`).toBe(key);
});

test('a token or a VID is no number of a FHIR server', () => {
  expect(personKey(submission(DEATH, [], { token: 't', virtualId: 'v' }), settings)).toBeUndefined();
});
