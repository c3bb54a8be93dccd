/** Statuses that mean something in the console; core itself would store any text (openhim.md 4.3). */
const STATUSES = ['Pending Async', 'Successful', 'Completed', 'Completed with error(s)', 'Failed'];

/** Headers that core copies to the client although they belong to one connection, or that it sets itself (4.2). */
const UNWANTED_HEADERS = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'content-encoding',
  'date',
];

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

type Members = Record<string, unknown>;

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What core's store takes for a date: anything that JavaScript can read as one (4.1). */
export function isStorableTime(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && !Number.isNaN(new Date(value).getTime());
}

const isIsoTime = (value: unknown): boolean =>
  typeof value === 'string' && ISO_TIME.test(value) && isStorableTime(value);

type Rule = readonly [isMet: boolean, fault: string];

const broken = (rules: readonly Rule[]): string[] => rules.filter(([isMet]) => !isMet).map(([, fault]) => fault);

function headerFaults(where: string, headers: unknown): string[] {
  if (!isObject(headers)) return [`${where}.headers is not an object`];
  return Object.entries(headers).flatMap(([name, value]) => {
    const key = name.toLowerCase();
    const values = Array.isArray(value) ? value : [value];
    const isOneLine = values.every((item) => typeof item === 'string' && !/[\r\n]/.test(item));
    return broken([
      [!UNWANTED_HEADERS.includes(key), `${where}.headers holds ${key}`],
      [key !== 'set-cookie' || Array.isArray(value), `${where}.headers: set-cookie is not an array`],
      [isOneLine, `${where}.headers: ${key} is no text of one line`],
    ]);
  });
}

const isHttpStatus = (value: unknown): boolean => {
  const status = typeof value === 'string' ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 999;
};

export function responseFaults(response: unknown): string[] {
  if (!isObject(response)) return ['response is missing'];
  const { status, headers, body, timestamp } = response;
  const hasType = !isObject(headers) || Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return [
    ...broken([
      [isHttpStatus(status), 'response.status is no HTTP status'],
      [typeof body === 'string', 'response.body is not a string'],
      [isIsoTime(timestamp), 'response.timestamp is no ISO-8601 time'],
      [body === '' || hasType, 'response.headers has no content-type'],
    ]),
    ...headerFaults('response', headers),
  ];
}

const isText = (body: unknown): boolean => body === undefined || typeof body === 'string';

export function orchestrationFaults(orchestration: unknown, where: string): string[] {
  if (!isObject(orchestration)) return [`${where} is not an object`];
  const { name, request, response, error } = orchestration;
  if (!isObject(request)) return [`${where} has no request`];
  const faults = broken([
    [typeof name === 'string' && name !== '', `${where} has no name`],
    [isIsoTime(request['timestamp']), `${where}.request.timestamp is no ISO-8601 time`],
    [isText(request['body']), `${where}.request.body is not a string`],
    [error === undefined || (isObject(error) && typeof error['message'] === 'string'), `${where}.error has no message`],
    [response === undefined || isObject(response), `${where}.response is not an object`],
    [response !== undefined || error !== undefined, `${where} has neither response nor error`],
  ]);
  if (!isObject(response)) return faults;
  return [
    ...faults,
    ...broken([
      [isHttpStatus(response['status']), `${where}.response.status is no HTTP status`],
      [isText(response['body']), `${where}.response.body is not a string`],
      [isIsoTime(response['timestamp']), `${where}.response.timestamp is no ISO-8601 time`],
    ]),
  ];
}

function statusFaults({ status, response, error }: Members): string[] {
  const http = isObject(response) ? Number(response['status']) : Number.NaN;
  return broken([
    [typeof status === 'string' && STATUSES.includes(status), 'status is none that the console knows'],
    [!(status === 'Successful' && http >= 400), `status says Successful of a ${http}`],
    [error === undefined || (isObject(error) && typeof error['message'] === 'string'), 'error has no message'],
    // It makes core replay the request, which helps against a passing failure only (fact 5, section 6.1).
    [error === undefined || !(http < 500), `error asks for a rerun of a ${http}`],
  ]);
}

function propertyFaults(properties: unknown): string[] {
  if (properties === undefined) return [];
  if (!isObject(properties)) return ['properties is not an object'];
  const unsafe = Object.keys(properties).filter((key) => /[.$]/.test(key));
  return unsafe.map((key) => `properties: the key ${key} holds a dot or a dollar sign`);
}

function contentFaults(raw: string): string[] {
  let envelope: unknown;
  try {
    envelope = JSON.parse(raw);
  } catch {
    return ['not JSON'];
  }
  if (!isObject(envelope)) return ['not a JSON object'];
  const { 'x-mediator-urn': urn, response, properties, orchestrations = [] } = envelope;
  return [
    ...broken([[typeof urn === 'string' && urn !== '', 'x-mediator-urn is missing']]),
    ...statusFaults(envelope),
    ...responseFaults(response),
    ...propertyFaults(properties),
    ...(Array.isArray(orchestrations)
      ? orchestrations.flatMap((item, index) => orchestrationFaults(item, `orchestrations[${index}]`))
      : ['orchestrations is not an array']),
  ];
}

/**
 * Everything in a mediator's response that OpenHIM core 8.5 trips over, or passes on though it should not; empty for a
 * good one. Written from openhim.md sections 0 and 4.
 */
export function envelopeFaults(raw: string, contentType: string | undefined): string[] {
  const isMarked = contentType?.includes('application/json+openhim') === true;
  return [...broken([[isMarked, 'content-type is not application/json+openhim']]), ...contentFaults(raw)];
}
