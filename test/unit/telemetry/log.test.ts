import { expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { createLogger, type LogFields } from '../../../src/telemetry/index.js';

function logged(level: string, write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLogger(level, { write: (line: string) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('writes the listed fields and no others', () => {
  const fields = {
    event: 'intake.accepted',
    registrationNumber: '2024B1',
    name: 'Canary',
    subject: { name: 'Canary' },
  };
  const [line] = logged('info', (log) => log.info(fields as LogFields, 'accepted'));
  expect(line).toMatchObject({
    level: 'info',
    event: 'intake.accepted',
    registrationNumber: '2024B1',
    msg: 'accepted',
  });
  expect(JSON.stringify(line)).not.toContain('Canary');
});

test('tells code, message and causes of our errors', () => {
  const cause = new MediatorError('peer_unreachable', { message: 'The peer cannot be reached (ECONNRESET).' });
  const [line] = logged('info', (log) =>
    log.warn({ err: new MediatorError('store_unavailable', { cause }) }, 'failed'),
  );
  expect(line?.['err']).toEqual({
    code: 'store_unavailable',
    message: 'The event store cannot be written at the moment.',
    disposition: 'retry',
    cause: {
      code: 'peer_unreachable',
      message: 'The peer cannot be reached (ECONNRESET).',
      disposition: 'retry',
    },
  });
});

test('never tells the message of a foreign error, which may hold data', () => {
  const foreign = Object.assign(new TypeError('Canary is not a function'), { code: '23505', detail: 'Canary' });
  const [line] = logged('info', (log) => log.error({ err: foreign }, 'failed'));
  expect(line?.['err']).toMatchObject({ type: 'TypeError', code: '23505' });
  expect(JSON.stringify(line)).not.toContain('Canary');
});

test('a changed level reaches loggers that exist already', () => {
  const lines = logged('warn', (log) => {
    const child = log.child({ peer: 'mosip' });
    child.info({}, 'unseen');
    log.setLevel('debug');
    child.debug({}, 'seen');
  });
  expect(lines).toEqual([expect.objectContaining({ msg: 'seen', peer: 'mosip' })]);
});

test('loggers on standard output share its one listener for the end of the process', () => {
  createLogger('info');
  const before = process.listenerCount('exit');
  createLogger('info');
  expect(process.listenerCount('exit')).toBe(before);
});
