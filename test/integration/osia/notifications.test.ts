import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { BIRTH, CHILD, type OsiaStage, setStage } from './set-up.js';

let stage: OsiaStage;
beforeEach(async () => {
  stage = await setStage({ settings: { notifyAs: 'OpenCRVS' } });
});
afterEach(() => stage.close());

const uin = '6271936581';
const known = { nationalId: uin };
const DEATH: VitalEvent = { kind: 'death', registrationNumber: '2024D1', subject: CHILD };
const CANCELLED: VitalEvent = { ...BIRTH, kind: 'cancellation', of: 'birth', revision: '1' };

test('others are told of a birth with its parents, a death, and a cancelled birth', async () => {
  const parent = (value: string) => ({ ...CHILD, identifiers: [{ type: 'NATIONAL_ID', value }] });
  await stage.system.issue(stage.submission({ ...BIRTH, mother: CHILD, father: parent('11') }));
  await stage.system.deactivate(stage.submission(DEATH, { known }));
  await stage.system.deactivate(stage.submission(CANCELLED, { known }));

  const source = 'OpenCRVS';
  expect(stage.peer.notification.published).toEqual([
    { topic: 'liveBirth', subject: 'liveBirth', message: { source, uin, uin1: '11' } },
    { topic: 'death', subject: 'death', message: { source, uin } },
    { topic: 'birthCancellation', subject: 'birthCancellation', message: { source, uin } },
  ]);
});

test('what OSIA has no name for is told to nobody', async () => {
  await stage.system.issue(stage.submission(BIRTH));
  const corrected: VitalEvent = { ...BIRTH, kind: 'correction', of: 'birth', revision: '1' };
  await stage.system.update(stage.submission(corrected, { known }));
  await stage.system.reactivate(
    stage.submission({ ...DEATH, kind: 'cancellation', of: 'death', revision: '1' }, { known }),
  );
  expect(stage.peer.notification.published).toHaveLength(1);
});

test('a topic is made once', async () => {
  for (const registrationNumber of ['1', '2', '3']) {
    await stage.system.issue(stage.submission({ ...BIRTH, registrationNumber }));
  }
  expect(stage.peer.notification.published).toHaveLength(3);
  expect(stage.peer.requestsTo('/v1/topics')).toHaveLength(1);
});

test('what could not be told is told by the next try, and the person is left as they are', async () => {
  stage.peer.fail('/publish', { status: 503 }, 1);
  await expect(stage.system.issue(stage.submission(BIRTH))).rejects.toMatchObject({ disposition: 'retry' });
  expect(await stage.system.issue(stage.submission(BIRTH, { repeated: true }))).toMatchObject({ identity: known });
  expect(stage.peer.notification.published).toHaveLength(1);
  expect(stage.peer.uins).toEqual([uin]);
});

test('a topic that was deleted is made again', async () => {
  await stage.system.issue(stage.submission(BIRTH));
  stage.peer.notification.deleteTopics();
  const second = { ...BIRTH, registrationNumber: '2' };
  await expect(stage.system.issue(stage.submission(second))).rejects.toMatchObject({ code: 'peer_error' });
  expect(await stage.system.issue(stage.submission(second, { repeated: true }))).toMatchObject({ result: 'issued' });
  expect(stage.peer.notification.published).toHaveLength(2);
});

test('without our name nothing is told and no right to tell is asked for', async () => {
  const silent = await setStage();
  await silent.system.issue(silent.submission(BIRTH));
  expect(silent.peer.notification.topics).toEqual([]);
  const scopes = ({ peer }: OsiaStage) => {
    const body = z.instanceof(Buffer).parse(peer.requestsTo('/oauth/token')[0]?.body);
    return new URLSearchParams(body.toString()).get('scope')?.split(' ');
  };
  expect(scopes(silent)).not.toContainEqual(expect.stringMatching(/^notif/));
  await silent.close();

  await stage.system.issue(stage.submission(BIRTH));
  expect(scopes(stage)).toEqual(expect.arrayContaining(['notif.topic.write', 'notif.topic.publish']));
});
