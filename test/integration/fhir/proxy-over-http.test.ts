import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createFhirApi, outcomeReply } from '../../../src/fhir-api/index.js';
import { createApp, type Listener, listen } from '../../../src/http/index.js';
import { createOutboundClient, type StreamingClient } from '../../../src/outbound/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { envelopeFaults } from '../../peers/openhim-envelope-rules.js';
import { until } from '../../support/until.js';

const LIMIT = 100_000;
const FHIR_JSON = { 'content-type': 'application/fhir+json' };
const TRANSACTION = { 'x-openhim-transactionid': '65d3c1f1a2b3c4d5e6f70809' };

const Outcome = z.looseObject({
  resourceType: z.literal('OperationOutcome'),
  issue: z.array(z.looseObject({ details: z.looseObject({ coding: z.array(z.looseObject({ code: z.string() })) }) })),
});
const Envelope = z.looseObject({ response: z.looseObject({ status: z.number(), body: z.string() }) });

let upstream: Server;
/** What the FHIR server does with a request. */
let answer: RequestListener;
let base: string;
let outbound: StreamingClient;
let listener: Listener;
let lines: readonly string[];

beforeEach(async () => {
  upstream = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  base = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/r4`;
  await start();
});

/** Starts the proxy over the FHIR server. */
async function start({ timeoutMs = 30_000 } = {}): Promise<void> {
  const memory = createMemoryLog();
  lines = memory.lines;
  const deps = { clock: systemClock, log: memory.log, metrics: createMetrics() };
  outbound = createOutboundClient(deps);
  const fhir = {
    baseUrl: base,
    auth: { kind: 'none' },
    nationalIdSystem: 'urn:nid',
    registrationSystem: 'urn:brn',
  } as const;
  const { handler } = createFhirApi(
    { outbound, ...deps },
    { system: 'fhir', fhir },
    {
      mappingsDir: mkdtempSync(join(tmpdir(), 'mappings-')),
      maxBodyBytes: LIMIT,
      timeoutMs,
      version: '1.0.0',
      capabilities: new Set(),
      biometrics: 'none',
    },
  );
  const route = {
    methods: 'all',
    path: '/fhir{/*path}',
    shortcut: '/fhir',
    maxBodyBytes: LIMIT,
    renderError: outcomeReply,
    handler,
  } as const;
  const app = createApp(deps, [route], {
    urn: 'urn:mediator:x',
    inbound: undefined,
    renderers: { '/fhir': outcomeReply },
  });
  listener = await listen(app, { host: '127.0.0.1', port: 0, tls: undefined });
}

async function stop(): Promise<void> {
  await listener.close(0);
  await outbound.close();
}

afterEach(async () => {
  await stop();
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
});

const own = (path: string): string => `http://127.0.0.1:${listener.port}/fhir${path}`;

/** An answer that may still be coming. */
async function open(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<IncomingMessage> {
  const request = httpRequest(own(path), { method, headers });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

/** The code of the OperationOutcome in an answer, which came plainly or in a faultless envelope. */
async function codeOf(response: IncomingMessage): Promise<{ status: number | undefined; code: string | undefined }> {
  const raw = await text(response);
  const isEnveloped = response.headers['content-type'] === 'application/json+openhim';
  if (isEnveloped) expect(envelopeFaults(raw, response.headers['content-type'])).toEqual([]);
  const inner = isEnveloped ? Envelope.parse(JSON.parse(raw)).response : { status: response.statusCode, body: raw };
  const outcome = Outcome.parse(JSON.parse(inner.body));
  return { status: inner.status, code: outcome.issue[0]?.details.coding[0]?.code };
}

test('a plain answer comes as it is made, with our address also where it was cut', async () => {
  let finish: () => void = () => undefined;
  answer = (_request, response) => {
    response.writeHead(200, FHIR_JSON).write(`{"resourceType":"Bundle","link":[{"url":"${base.slice(0, 15)}`);
    finish = () => response.end(`${base.slice(15)}?page=2"}]}`);
  };

  const response = await open('/Patient');
  const [first] = (await once(response.setEncoding('utf8'), 'data')) as [string];
  finish();

  expect(first).toBe('{"resourceType":"Bundle","link":[{"url":"');
  expect(first + (await text(response))).toBe(`{"resourceType":"Bundle","link":[{"url":"${own('?page=2')}"}]}`);
});

test('a caller that reads slowly holds the other side back, and gets every byte', async () => {
  const size = 64 * 1024 * 1024;
  let written = 0;
  answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': String(size) });
    const more = (): void => {
      while (written < size) {
        written += 65_536;
        if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  };
  const response = await open('/Binary/1');
  let seen = -1;
  await until(() => {
    const isStill = written === seen;
    seen = written;
    return isStill;
  }, 'the other side waits');
  expect(written).toBeLessThan(size / 2);

  let received = 0;
  for await (const chunk of response) received += (chunk as Buffer).length;
  expect(received).toBe(size);
  expect(response.headers['content-length']).toBe(String(size));
});

test.each([
  { name: 'waits', begin: false },
  { name: 'reads', begin: true },
])('a caller that goes away while it $name ends the call', async ({ begin }) => {
  let isAsked = false;
  let isEnded = false;
  answer = (_request, response) => {
    isAsked = true;
    response.once('close', () => {
      isEnded = true;
    });
    if (begin) response.writeHead(200, FHIR_JSON).write('{"resourceType":');
  };

  const request = httpRequest(own('/Patient/1'));
  request.on('error', () => undefined).end();
  if (begin) await once(request, 'response');
  await until(() => isAsked, 'the FHIR server is asked');
  request.destroy();

  await until(() => isEnded, 'its call is ended');
});

test('a plain answer that is cut is cut for the caller too, and the log tells', async () => {
  answer = (_request, response) => {
    response.writeHead(200, FHIR_JSON).write('{"resourceType":', () => response.destroy());
  };

  await expect(text(await open('/Patient/1'))).rejects.toThrow();
  await until(() => lines.some((line) => line.includes('request.cut')), 'the cut is logged');
  expect(lines.join('\n')).toContain('peer_response_invalid');
});

test.each([
  { name: 'plainly', headers: {} },
  { name: 'through OpenHIM', headers: TRANSACTION },
])('a silent server is 504 in FHIR, $name', async ({ headers }) => {
  answer = () => undefined;
  await stop();
  await start({ timeoutMs: 200 });

  expect(await codeOf(await open('/Patient/1', headers))).toEqual({ status: 504, code: 'peer_timeout' });
});

test.each([
  {
    name: 'cut',
    does: (response: Parameters<RequestListener>[1]) =>
      response.writeHead(200, FHIR_JSON).write('{', () => response.destroy()),
    code: 'peer_response_invalid',
  },
  {
    name: 'larger than the limit',
    does: (response: Parameters<RequestListener>[1]) =>
      response.writeHead(200, FHIR_JSON).end(`{${' '.repeat(LIMIT)}}`),
    code: 'peer_response_too_large',
  },
])('an answer that is $name is 502 in FHIR through OpenHIM', async ({ does, code }) => {
  answer = (_request, response) => void does(response);

  expect(await codeOf(await open('/Patient/1', TRANSACTION))).toEqual({ status: 502, code });
});

test('what is larger than the limit passes plainly', async () => {
  answer = (_request, response) => response.writeHead(200, FHIR_JSON).end(`{${' '.repeat(3 * LIMIT)}}`);

  expect(await text(await open('/Patient'))).toHaveLength(3 * LIMIT + 2);
});

test('a request that is larger than the limit is 413 in FHIR', async () => {
  answer = (_request, response) => response.end();
  const response = await fetch(own('/Patient'), { method: 'POST', body: Buffer.alloc(LIMIT + 1), headers: FHIR_JSON });

  expect(response.status).toBe(413);
  expect(Outcome.parse(await response.json()).issue).toHaveLength(1);
});

test('HEAD has no body, so it goes without an envelope through OpenHIM', async () => {
  answer = (_request, response) => response.writeHead(200, { ...FHIR_JSON, etag: 'W/"1"' }).end();
  const response = await open('/Patient/1', TRANSACTION, 'HEAD');

  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({ ...FHIR_JSON, etag: 'W/"1"' });
});

test('a DELETE whose announced body never comes is answered: core sends it so', async () => {
  answer = (_request, response) => response.writeHead(204).end();
  const socket = connect(listener.port, '127.0.0.1');
  socket.write('DELETE /fhir/Patient/1 HTTP/1.1\r\nhost: mediator\r\ncontent-length: 5\r\n\r\n');

  const [chunk] = (await once(socket, 'data')) as [Buffer];
  expect(chunk.toString()).toMatch(/^HTTP\/1\.1 204 /);
  socket.destroy();
});

test('an envelope holds the bytes of the answer, and links that lead through the channel', async () => {
  const body = `{"resourceType" : "Bundle","x":1.10,"é":"\\u00e9\\n\t","link":[{"url":"${base}?p=2"}]}`;
  answer = (_request, response) => response.writeHead(200, FHIR_JSON).end(body);

  const response = await open('/Patient', { ...TRANSACTION, 'x-forwarded-host': 'him.gov:5000' });

  const raw = await text(response);
  expect(envelopeFaults(raw, response.headers['content-type'])).toEqual([]);
  expect(Envelope.parse(JSON.parse(raw)).response.body).toBe(body.replace(base, 'https://him.gov:5000/fhir'));
});
