import type { RegistrationKind } from '../../../src/vital-events/index.js';
import type { HttpPeer, ReceivedRequest } from '../../peers/http-peer.js';
import { OpenCrvsEventsPeer } from '../../peers/opencrvs-events-peer.js';
import { OpenCrvsGatewayPeer } from '../../peers/opencrvs-gateway-peer.js';
import { fixture } from '../../support/fixtures.js';
import type { Way } from './bench.js';
import { openSide, type Side } from './side.js';

const CHILD = 'aafcb2cf-bbb7-4e1d-b458-99c7822add1e';
const IDENTITY_TYPES: ReadonlySet<unknown> = new Set(['MOSIP_PSUT_TOKEN_ID', 'NATIONAL_ID']);

/** The numbers of the child's Patient. */
const numbersIn = ({ opencrvs }: Side): readonly string[] =>
  (opencrvs.records.get(CHILD)?.identifier ?? [])
    .filter(({ type }) => IDENTITY_TYPES.has(type))
    .map(({ value }) => String(value));

const none: Way = {
  name: 'none',
  takes: { birth: false, death: false, refusal: false },
  token: 'none',
  mappings: { nationalId: '', nothing: '' },
  async open() {
    const side = await openSide('none');
    return {
      writeBack: side.writeBack({ kind: 'none' }),
      peer: undefined,
      isWrite: () => false,
      replyTo: () => undefined,
      held: () => side.opencrvs.records.get(CHILD),
      numbers: () => numbersIn(side),
      refuse: () => undefined,
      lines: side.lines,
      close: side.close,
    };
  },
};

/** What the two ways with a system token have in common: they write into the Patient. */
const patientWay = (
  name: 'countryconfig' | 'openhim-fhir',
  service: (side: Side) => { readonly peer: HttpPeer; readonly url: string },
  isWrite: (request: ReceivedRequest) => boolean,
  mappings: Way['mappings'],
): Way => ({
  name,
  takes: { birth: true, death: false, refusal: false },
  token: 'system',
  // The country configuration answers with an empty body.
  mappings,
  async open(mapping) {
    const side = await openSide(`opencrvs/${name}.jsonata`, mapping);
    const { peer, url } = service(side);
    return {
      writeBack: side.writeBack({ kind: name, url }),
      peer,
      isWrite,
      // Both answer no request: where OpenCRVS waits does not matter to them.
      replyTo: () => undefined,
      held: () => structuredClone(side.opencrvs.records.get(CHILD)),
      numbers: () => numbersIn(side),
      refuse: () => peer.fail(isWrite, { status: 403 }),
      lines: side.lines,
      close: side.close,
    };
  },
});

const countryConfig = patientWay(
  'countryconfig',
  ({ opencrvs: { countryConfig: peer } }) => ({ peer, url: peer.url }),
  ({ method }) => method === 'POST',
  {
    nationalId: '{ "BRN": event.registrationNumber, "MOSIP_PSUT_TOKEN_ID": identity.nationalId }',
    nothing: '{ "BRN": event.registrationNumber }',
  },
);

const openhimFhir = patientWay(
  'openhim-fhir',
  ({ opencrvs: { fhir: peer } }) => ({ peer, url: peer.baseUrl }),
  ({ method }) => method === 'PUT',
  { nationalId: '[{ "type": "NATIONAL_ID", "value": identity.nationalId }]', nothing: '[]' },
);

/** Past the week for which a token for one record or action is good. */
const AFTER_TOKENS_MS = 8 * 24 * 3_600_000;

const gatewayGraphql: Way = {
  name: 'gateway-graphql',
  takes: { birth: true, death: true, refusal: false },
  token: 'reply',
  mappings: {
    nationalId: '{ "identifiers": [{ "type": "NATIONAL_ID", "value": identity.nationalId }] }',
    nothing: '{}',
  },
  async open(mapping) {
    const side = await openSide('opencrvs/gateway-graphql.jsonata', mapping);
    const { system } = side.opencrvs;
    const peer = await side.add(new OpenCrvsGatewayPeer(system));
    const records = {
      birth: peer.addRecord('record-of-birth'),
      death: peer.addRecord('record-of-death', { event: 'DEATH' }),
    };
    const tokenFor = (recordId: string) => ({ via: 'graphql', recordId, token: system.issueReplyToken({ recordId }) });
    const replies = { birth: tokenFor('record-of-birth'), death: tokenFor('record-of-death') };
    return {
      writeBack: side.writeBack({ kind: 'gateway-graphql', url: peer.url }),
      peer,
      isWrite: ({ body }) => body.includes('mutation'),
      replyTo: (kind) => replies[kind],
      held: (kind) => structuredClone(records[kind]),
      numbers: () => records.birth.identifiers.map(({ value }) => value),
      refuse: () => {
        system.clockSkewMs = AFTER_TOKENS_MS;
      },
      lines: side.lines,
      close: side.close,
    };
  },
};

const events: Way = {
  name: 'events',
  takes: { birth: true, death: true, refusal: true },
  token: 'reply',
  mappings: { nationalId: '{ "child.nid": identity.nationalId }', nothing: '{}' },
  async open(mapping) {
    const side = await openSide('opencrvs/events.jsonata', mapping);
    const peer = await side.add(new OpenCrvsEventsPeer(side.opencrvs.system));
    const documents = {
      birth: peer.events.load(fixture('opencrvs/event-document-birth.json')),
      death: peer.events.load(fixture('opencrvs/event-document-death.json')),
    };
    const replyFor = ({ id: eventId }: { readonly id: string }) => {
      const { id: actionId } = peer.events.pendingAction(eventId);
      const token = side.opencrvs.system.issueReplyToken({ eventId, actionId });
      return { via: 'events', eventId, actionId, action: 'REGISTER', token };
    };
    const replies = { birth: replyFor(documents.birth), death: replyFor(documents.death) };
    const verdicts = (kind: RegistrationKind) => peer.events.verdictsOn(replies[kind].eventId, replies[kind].actionId);
    return {
      writeBack: side.writeBack({ kind: 'events', url: peer.url }),
      peer,
      isWrite: ({ method }) => method === 'POST',
      replyTo: (kind) => replies[kind],
      // Ids and times are OpenCRVS's own.
      held: (kind) =>
        verdicts(kind).map(({ status, declaration, registrationNumber }) => ({
          status,
          declaration,
          registrationNumber,
        })),
      numbers: () => verdicts('birth').flatMap(({ declaration }) => Object.values(declaration).map(String)),
      refuse: () => {
        side.opencrvs.system.clockSkewMs = AFTER_TOKENS_MS;
      },
      lines: side.lines,
      close: side.close,
    };
  },
};

export const WAYS: readonly Way[] = [none, countryConfig, openhimFhir, gatewayGraphql, events];
