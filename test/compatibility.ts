/**
 * What works with which OpenCRVS, and what proves it. The table in README.md is written from this file
 * (`npm run docs:generate`); test/repo/compatibility.test.ts fails when a test named here is gone.
 */

/** The columns of reference/opencrvs.md section 7. */
export const VERSIONS = ['1.0–1.1', '1.2', '1.3–1.4', '1.5–1.6', '1.7–1.8', '1.9', '2.x'] as const;
export type Version = (typeof VERSIONS)[number];

export const ASPECTS = ['Token', 'Events in', 'Reading more', 'Write-back', 'Corrections'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** A test against a peer, by its file and its title as they are written there. */
export interface Proof {
  readonly file: string;
  readonly title: string;
  /** Of a test with a table: the text that names the row. */
  readonly row?: string;
}

/** A run against OpenCRVS's own code, which no test repeats. */
export interface ByHand {
  readonly service: string;
  readonly on: string;
}

export interface Tested {
  readonly is: 'tested';
  /** By which of its ways, where there are several. */
  readonly way: string;
  readonly proofs: readonly Proof[];
  readonly byHand?: ByHand;
}

export type Cell =
  | Tested
  /** OpenCRVS has no such thing, or not for a client of ours. */
  | { readonly is: 'not offered' };

const tested = (way: string, ...proofs: readonly Proof[]): Tested => ({ is: 'tested', way, proofs });
const byHand = (cell: Tested, service: string): Tested => ({ ...cell, byHand: { service, on: '2026-11-25' } });
const NOT_OFFERED: Cell = { is: 'not offered' };

const TOKEN = 'test/integration/opencrvs/token.test.ts';
const tokenMode = (row: 'json' | 'query'): Proof => ({
  file: TOKEN,
  title: '%s mode: 1,000 callers at once cost one request',
  row,
});
const BODY_TOKEN: Proof = {
  file: 'test/integration/opencrvs/events.test.ts',
  title: 'comes from the gateway, asked for in the body; its scopes are encoded',
};

const read = (...rows: readonly string[]): readonly Proof[] =>
  rows.map((row) => ({ file: 'test/unit/opencrvs/readers/versions.test.ts', title: 'reads $versions', row }));
const SIGNED: Proof = {
  file: 'test/integration/intake/doors.test.ts',
  title: 'delivers a signed event, which is accepted as it came',
};
const demo = (row: string): Proof => ({
  file: 'test/integration/demo.test.ts',
  title: 'all is settled with OpenCRVS $version, and no person is in the log',
  row,
});
const ACTION: Proof = {
  file: 'test/integration/service/events.test.ts',
  title: 'a registration that waits is taken, and in the end accepted with its number: $name',
};

const RECORDS = 'test/integration/opencrvs/record-reader.test.ts';
const CHILD_ALONE: Proof = {
  file: RECORDS,
  title: 'a birth that came with the child alone gets its parents, and nothing else is read',
};
const THROUGH_LINKS: Proof = {
  file: RECORDS,
  title: 'the place is read through the Encounter, the informant through the RelatedPerson',
};

const SEARCHED = (version: '1.5' | '1.7'): Proof => ({
  file: 'test/integration/opencrvs/record-search.test.ts',
  title: 'a birth that came without its parents gets them by a search in $version',
  row: version,
});
const EVENT_READ: Proof = {
  file: 'test/integration/opencrvs/event-reads.test.ts',
  title: '$name gets what it lacks from the event as it is stored, by its own mapping',
};

const WAYS = 'test/integration/opencrvs/write-back.test.ts';
const COUNTRY_CONFIG: Proof = {
  file: WAYS,
  title: 'countryconfig: the identity of a birth arrives under its registration number',
};
const OPENHIM_FHIR: Proof = {
  file: WAYS,
  title: 'openhim-fhir: the Patient keeps all it had and gains the number, in the form of the record',
};
const GATEWAY: Proof = {
  file: 'test/integration/opencrvs/gateway-graphql.test.ts',
  title: 'a waiting birth is registered with its number and the identifier',
};
const WAITING: Proof = {
  file: 'test/integration/service/waiting-record.test.ts',
  title: 'a birth that waits becomes an identity at MOSIP, and is registered with its number',
};
const BOTH_KINDS: Proof = {
  file: 'test/integration/opencrvs/write-back-choice.test.ts',
  title: 'with $name, records and actions that wait are each answered where they wait',
};
const EVENTS = 'test/integration/opencrvs/events.test.ts';
const ACCEPTED: Proof = {
  file: EVENTS,
  title: 'a birth is accepted with its number and the number that was issued',
};
const CORRECTED: Proof = { file: EVENTS, title: 'a correction is approved for its request' };

const JSON_TOKEN = tested('`json`', tokenMode('json'));
const QUERY_TOKEN = tested('`query`', tokenMode('query'));
const PATIENT_WAYS = tested('`countryconfig`, `openhim-fhir`', COUNTRY_CONFIG, OPENHIM_FHIR);

export const COMPATIBILITY: Readonly<Record<Version, Readonly<Record<Aspect, Cell>>>> = {
  '1.0–1.1': {
    Token: JSON_TOKEN,
    'Events in': tested('webhook, births', SIGNED, ...read('1.0-1.1 birth')),
    'Reading more': tested('`openhim-fhir`', CHILD_ALONE),
    'Write-back': PATIENT_WAYS,
    Corrections: NOT_OFFERED,
  },
  '1.2': {
    Token: byHand(JSON_TOKEN, '`auth` 1.2.1'),
    'Events in': byHand(
      tested('webhook', SIGNED, ...read('1.2 birth', '1.2 death'), {
        file: 'test/integration/service/main-job.test.ts',
        title: 'a registered birth becomes a national identity, and comes back',
      }),
      '`webhooks` 1.2.1',
    ),
    'Reading more': tested('`openhim-fhir`', THROUGH_LINKS),
    'Write-back': PATIENT_WAYS,
    Corrections: NOT_OFFERED,
  },
  '1.3–1.4': {
    Token: QUERY_TOKEN,
    'Events in': tested('webhook', SIGNED, ...read('1.3-1.4 birth', '1.3-1.4 death')),
    'Reading more': tested('`openhim-fhir`', THROUGH_LINKS),
    'Write-back': PATIENT_WAYS,
    Corrections: NOT_OFFERED,
  },
  '1.5–1.6': {
    Token: QUERY_TOKEN,
    'Events in': tested('webhook', SIGNED, ...read('1.5-1.6 birth', '1.5-1.6 death'), demo('1.5')),
    'Reading more': tested('`record-search`', SEARCHED('1.5')),
    'Write-back': tested('`countryconfig`', COUNTRY_CONFIG, demo('1.5')),
    Corrections: NOT_OFFERED,
  },
  '1.7–1.8': {
    Token: QUERY_TOKEN,
    'Events in': tested('webhook, hook', SIGNED, ...read('1.7-1.9 birth', '1.7-1.9 death'), demo('1.8')),
    'Reading more': tested('`record-search`', SEARCHED('1.7')),
    'Write-back': tested('`gateway-graphql`', GATEWAY, WAITING, demo('1.8')),
    Corrections: NOT_OFFERED,
  },
  '1.9': {
    Token: QUERY_TOKEN,
    'Events in': tested('webhook, actions', SIGNED, ...read('1.7-1.9 birth', '1.7-1.9 death'), ACTION),
    'Reading more': tested('`record-search`', SEARCHED('1.7')),
    'Write-back': tested('`gateway-graphql`, `events`', GATEWAY, ACCEPTED, BOTH_KINDS),
    Corrections: tested('actions', CORRECTED),
  },
  '2.x': {
    Token: tested('`body`', BODY_TOKEN),
    'Events in': tested('actions', ACTION, demo('2.0')),
    'Reading more': tested('`events`', EVENT_READ),
    'Write-back': tested('`events`', ACCEPTED, demo('2.0')),
    Corrections: tested('actions', CORRECTED, demo('2.0')),
  },
};
