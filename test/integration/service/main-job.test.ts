import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { birthNumber } from '../../support/births.js';
import { fixture } from '../../support/fixtures.js';
import { type RunningService, startSettledService, tells } from '../../support/running-service.js';
import { startWorld, type World } from '../../support/world.js';

const BIRTH = 'opencrvs/birth-registered.webhook.json';
const DEATH = 'opencrvs/death-registered.webhook.json';
const BIRTH_NUMBER = '2024BQX7T4N';
const DEATH_NUMBER = '2024DKM3W9C';
/** The children's and the deceased's Patients in the fixtures. */
const CHILD_ID = 'aafcb2cf-bbb7-4e1d-b458-99c7822add1e';
const DECEASED_ID = '4e201479-2a50-4553-84b8-9e3c238b7361';

let world: World;
let running: RunningService;

/** What MOSIP made of a birth. */
function issuedFor(registrationNumber: string) {
  const found = [...world.mosip.issued].find(([, { birthCertificateNumber }]) => {
    return birthCertificateNumber === registrationNumber;
  });
  if (found === undefined) throw new Error(`MOSIP issued nothing for ${registrationNumber}`);
  const [registrationId, { vid, count }] = found;
  return { registrationId, vid, count };
}

async function stopAll(): Promise<void> {
  await running.service.stop();
  await world.stop();
}

describe('with the country configuration as the way back', () => {
  beforeAll(async () => {
    world = await startWorld();
    running = await startSettledService(world);
  }, 60_000);
  afterAll(stopAll);

  test('nobody is asked to send events before they can be stored', () => {
    const [first, ...later] = running.lines.filter((line) => /"event":"(store\.opened|subscription\.)/.test(line));
    expect(first).toContain('store.opened');
    expect(later.length).toBeGreaterThanOrEqual(3);
  });

  test('a registered birth becomes a national identity, and comes back', async () => {
    const [report] = await world.opencrvs.deliver(fixture(BIRTH));
    expect(report).toMatchObject({ attempts: 1, status: 200 });
    await running.logged('event.settled', BIRTH_NUMBER);
    const { registrationId, vid, count } = issuedFor(BIRTH_NUMBER);
    expect(count).toBe(1);
    expect(world.opencrvs.countryConfig.writes).toEqual([
      { BRN: BIRTH_NUMBER, MOSIP_PSUT_TOKEN_ID: vid, MOSIP_AID: registrationId },
    ]);
  });

  test('a registered death reaches MOSIP, and is settled once MOSIP has confirmed it', async () => {
    const writesBefore = world.opencrvs.countryConfig.writes.length;
    await world.opencrvs.deliver(fixture(DEATH));
    await running.logged('event.settled', DEATH_NUMBER);
    const deaths = [...world.mosip.issued].filter(([, { kind }]) => kind === 'death');
    expect(deaths).toEqual([[expect.any(String), { kind: 'death', count: 1 }]]);
    const [[registrationId = ''] = []] = deaths;
    expect(world.mosip.processor.packets.get(registrationId)).toMatchObject({
      process: 'CRVS_DEATH',
      fields: { nationalIdNumber: '1120457786', deathDeclared: 'yes', dateOfDeath: '2024/03/02' },
    });
    // The country configuration takes births only (architecture section 10).
    expect(world.opencrvs.countryConfig.writes).toHaveLength(writesBefore);
  });

  test('three deliveries at once and every credential twice: one identity, one effect', async () => {
    world.mosip.sendCopies(2);
    const { registrationNumber, body } = birthNumber(1);
    const reports = await Promise.all([1, 2, 3].map(() => world.opencrvs.deliver(body)));
    const answers = reports.flat();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    await running.logged('event.settled', registrationNumber);
    await running.logged('callback.repeated');
    expect(issuedFor(registrationNumber).count).toBe(1);
    const { writes } = world.opencrvs.countryConfig;
    expect(writes.filter(({ BRN }) => BRN === registrationNumber)).toHaveLength(1);
    expect(running.lines.filter((line) => tells(line, 'intake.accepted', registrationNumber))).toHaveLength(1);
  });

  test('OpenHIM could store every answer', async () => {
    const { router } = world;
    await router.until(() => router.transactions.every(({ status }) => status !== 'Processing'));
    expect(router.transactions.length).toBeGreaterThan(5);
    const unsound = router.transactions.filter(({ status, faults }) => status !== 'Successful' || faults.length > 0);
    expect(unsound.map(({ request, status, faults }) => [request.path, status, faults])).toEqual([]);
  });
});

describe('with the FHIR store as the way back, and tokens by query', () => {
  beforeAll(async () => {
    world = await startWorld({ opencrvs: { tokenMode: 'query' } });
    running = await startSettledService(world, { OPENCRVS_WRITE_BACK: 'openhim-fhir' });
  }, 60_000);
  afterAll(stopAll);

  test("a birth's Patient gets the identifier, and keeps all else", async () => {
    world.opencrvs.records.load(fixture(BIRTH));
    const before = world.opencrvs.records.get(CHILD_ID);
    await world.opencrvs.deliver(fixture(BIRTH));
    await running.logged('event.settled', BIRTH_NUMBER);
    const { vid } = issuedFor(BIRTH_NUMBER);
    expect(before?.identifier).toHaveLength(1);
    expect(world.opencrvs.records.get(CHILD_ID)).toEqual({
      ...before,
      identifier: [...(before?.identifier ?? []), { type: 'MOSIP_PSUT_TOKEN_ID', value: vid }],
    });
  });

  test('a death is settled, and its Patient stays as it is', async () => {
    world.opencrvs.records.load(fixture(DEATH));
    const before = structuredClone(world.opencrvs.records.get(DECEASED_ID));
    await world.opencrvs.deliver(fixture(DEATH));
    await running.logged('event.settled', DEATH_NUMBER);
    expect(world.opencrvs.records.get(DECEASED_ID)).toEqual(before);
  });

  test('one token served every call', () => {
    expect(world.opencrvs.auth.tokenRequests).toBe(1);
  });
});
