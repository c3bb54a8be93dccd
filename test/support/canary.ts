import { birthNumber } from './births.js';
import { fixture } from './fixtures.js';

/** What stands for each personal value of the fixtures: unlike anything that could be there by chance. */
const PERSONAL: Readonly<Record<string, string>> = {
  Thandiwe: 'Canarygiven',
  Zoë: 'Canarymiddle',
  "N'Guessan-Phiri": 'Canaryfamily',
  Chipo: 'Canarymother',
  Maé: 'Canarymothersecond',
  Phiri: 'Canarymotherfamily',
  Koffi: 'Canaryfather',
  "N'Guessan": 'Canaryfatherfamily',
  Josephat: 'Canarydeceased',
  Banda: 'Canarydeceasedfamily',
  '2024-01-28': '2017-07-23',
  '1996-09-03': '1947-10-13',
  '1993-04-21': '1946-11-14',
  '1952-11-30': '1936-12-15',
  '2024-03-02': '2018-05-16',
  '+260971550142': '+266677788811',
  '+260955310077': '+266677788822',
  'm.banda@example.org': 'canary.mail@canary.example',
  '17B': 'Canaryhouse',
  'Jacaranda Road': 'Canarystreet',
  Eastview: 'Canaryquarter',
  Lobozi: 'Canarycity',
  Kasenga: 'Canaryvillage',
  '20104': 'Canarypostcode',
  Seamstress: 'Canaryseamstress',
  Carpenter: 'Canarycarpenter',
  // The content itself, as the oldest versions send it.
  '/ocrvs/504cab6d-1e53-4ac8-90e7-04774b018365.png': 'Canarydocument00',
  '"4407183925"': '"7700112233"',
  '"5519024768"': '"7700112244"',
  '"1120457786"': '"7700112255"',
  '"830114562"': '"7700112266"',
};

/** Longer ones first: some hold others. */
const PAIRS = Object.entries(PERSONAL).sort(([a], [b]) => b.length - a.length);

function disguised(body: unknown): unknown {
  const text = PAIRS.reduce((changed, [from, to]) => changed.replaceAll(from, to), JSON.stringify(body));
  return JSON.parse(text);
}

/** The webhook body of a birth in which every personal value is a canary. */
export const canaryBirth = (serial: number): unknown => disguised(birthNumber(serial).body);

/** The same for the death of the fixture. */
export const canaryDeath = (): unknown => disguised(fixture('opencrvs/death-registered.webhook.json'));

/** Some of them, for requests that are not about a record. */
export const CANARY = {
  given: 'Canarygiven',
  family: 'Canaryfamily',
  nationalId: '7700112233',
  birthDate: '2017-07-23',
  document: 'Canarydocument00',
} as const;

/** Words that a peer might quote in an error. */
export const QUOTED = Object.values(PERSONAL).join(' ');

/** The personal canaries, dates also as MOSIP writes them. */
export const PERSONAL_CANARIES: readonly string[] = Object.values(PERSONAL)
  .map((value) => value.replaceAll('"', ''))
  .flatMap((value) => (/^\d{4}-\d{2}-\d{2}$/.test(value) ? [value, value.replaceAll('-', '/')] : [value]));
