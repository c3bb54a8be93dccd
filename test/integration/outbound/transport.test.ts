import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recordingCalls } from '../../../src/outbound/index.js';
import { type Caller, createCaller, EchoPeer, WAYS } from './set-up.js';

describe.each(WAYS)('%s', (way) => {
  let peer: EchoPeer;
  let caller: Caller;

  beforeEach(async () => {
    peer = await new EchoPeer().start();
    caller = createCaller(peer, {}, way);
  });

  afterEach(async () => {
    await caller.client.close();
    await peer.stop();
  });

  describe('what the peer is sent', () => {
    test('method, query, headers and bytes as given, and who is calling', async () => {
      const body = randomBytes(2_000);
      const response = await caller.send('/echo?a=1&b=%2B', {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream', 'if-match': 'W/"1"' },
        body,
      });
      expect(Buffer.from(response.body).equals(body)).toBe(true);
      expect(peer.received).toHaveLength(1);
      expect(peer.received[0]).toMatchObject({
        method: 'PUT',
        path: '/echo',
        rawQuery: 'a=1&b=%2B',
        headers: {
          'content-type': 'application/octet-stream',
          'if-match': 'W/"1"',
          'user-agent': 'national-id-mediator',
          accept: 'application/json',
        },
      });
    });

    test('a text that is JSON already is sent as it is', async () => {
      const body = ' { "a" : 1 , "name":"Zoë" }\n';
      await caller.send('/echo', { body });
      expect(peer.received[0]?.body.toString('utf8')).toBe(body);
    });

    test("the caller's own accept wins", async () => {
      await caller.send('/echo', { headers: { accept: 'application/fhir+json' } });
      expect(peer.received[0]?.headers['accept']).toBe('application/fhir+json');
    });
  });

  test('the answer: headers in lower case, cookies apart, compressed bodies opened', async () => {
    peer.when('/answer', {
      status: 201,
      headers: { ETag: 'W/"2"', 'Set-Cookie': ['a=1', 'b=2'], 'Content-Encoding': 'gzip' },
      body: gzipSync('{"name":"Zoë"}'),
    });
    const { status, headers, body } = await caller.send('/answer');
    expect(status).toBe(201);
    expect(headers).toMatchObject({ etag: 'W/"2"', 'set-cookie': ['a=1', 'b=2'] });
    expect(headers).not.toHaveProperty('content-encoding');
    expect(Buffer.from(body).toString('utf8')).toBe('{"name":"Zoë"}');
  });

  test.each([301, 302, 307, 308])('a redirect (%i) is an answer and is not followed', async (status) => {
    peer.when('/from', { status, headers: { location: `${peer.url}/to` } });
    expect(await caller.send('/from', { headers: { authorization: 'Bearer secret' } })).toMatchObject({ status });
    expect(peer.received.map(({ path }) => path)).toEqual(['/from']);
  });

  test('a proxy named in the environment is not used', async () => {
    const proxy = await new EchoPeer().start();
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'] as const;
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = proxy.url;
    try {
      expect(await caller.send('/direct')).toMatchObject({ status: 200 });
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await proxy.stop();
    }
    expect(proxy.connections).toBe(0);
    expect(peer.received).toHaveLength(1);
  });

  describe('connections', () => {
    // undici rests a connection for a turn after each answer, and takes another meanwhile.
    const atMost = way === 'send' ? 1 : 2;

    test(`are kept: calls one after the other use ${atMost}`, async () => {
      for (let call = 0; call < 10; call += 1) await caller.send('/echo');
      expect(peer.received).toHaveLength(10);
      expect(peer.connections).toBeLessThanOrEqual(atMost);
    });

    test('a refusal keeps the connection too', async () => {
      peer.fail('/refused', { status: 503, body: 'not now' });
      for (let call = 0; call < 3; call += 1) await caller.send('/refused');
      expect(peer.connections).toBeLessThanOrEqual(atMost);
    });

    test('a peer that was restarted is reached again', async () => {
      await caller.send('/echo');
      await peer.stop();
      await expect(caller.send('/echo')).rejects.toMatchObject({ code: 'peer_unreachable' });
      await peer.start();
      expect(await caller.send('/echo')).toMatchObject({ status: 200 });
    });
  });

  describe('call records', () => {
    const port = (): number => Number(new URL(peer.url).port);
    const at = '2024-03-01T00:00:00.000Z';

    test('name the call and its answer, without query and bodies', async () => {
      const { result, calls } = await recordingCalls(() => caller.send('/echo/1?identifier=Canary'));
      expect(result.status).toBe(200);
      expect(calls).toEqual([
        {
          peer: 'mosip',
          operation: 'test',
          request: { method: 'POST', host: '127.0.0.1', port: port(), path: '/echo/1', timestamp: at },
          response: { status: 200, timestamp: at },
        },
      ]);
    });

    test('hold both bodies only where that is switched on', async () => {
      const open = createCaller(peer, { recordBodies: true });
      peer.when('/echo', { status: 200, body: '{"answer":"é"}' });
      const { calls } = await recordingCalls(() => open.send('/echo?identifier=Canary'));
      expect(calls).toMatchObject([{ request: { body: '{"name":"Zoë"}' }, response: { body: '{"answer":"é"}' } }]);
      expect(JSON.stringify(calls)).not.toContain('Canary');

      const secret = await recordingCalls(() => open.send('/echo', { isSecret: true }));
      expect(secret.calls).toMatchObject([{ response: { status: 200 } }]);
      expect(JSON.stringify(secret.calls)).not.toMatch(/body|Zoë|é/);
      await open.client.close();
    });

    test('tell the error of a call without an answer', async () => {
      peer.fail('/fault', { kind: 'reset' }, 1);
      const { calls } = await recordingCalls(() => caller.send('/fault').catch(() => undefined));
      expect(calls).toMatchObject([
        {
          request: { path: '/fault' },
          error: { code: 'peer_unreachable', message: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
        },
      ]);
      expect(calls[0]).not.toHaveProperty('response');
    });

    test('belong to the work during which the call was made', async () => {
      const work = (path: string) => recordingCalls(() => Promise.all([caller.send(path), caller.send(path)]));
      const [left, right] = await Promise.all([work('/left'), work('/right'), caller.send('/outside')]);
      expect(left.calls.map(({ request }) => request.path)).toEqual(['/left', '/left']);
      expect(right.calls.map(({ request }) => request.path)).toEqual(['/right', '/right']);
    });
  });
});
