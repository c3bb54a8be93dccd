import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type ErrorCode, MediatorError } from '../../errors/index.js';
import type { ExportedRecords } from '../../opencrvs/index.js';
import type { Reading } from '../../vital-events/index.js';
import { errorCode } from '../error-code.js';

/** A place between two lines of a file. */
export interface Place {
  /** Lines before it. */
  readonly lines: number;
  /** Bytes before it. */
  readonly bytes: number;
}

export const START: Place = { lines: 0, bytes: 0 };

export interface Line {
  readonly text: string;
  /** After the line. */
  readonly end: Place;
}

/** OpenCRVS sends no more at once. */
const LONGEST_BYTES = 64 * 1024 * 1024;
const NEWLINE = 10;

function unreadable(thrown: unknown): MediatorError {
  if (thrown instanceof MediatorError) return thrown;
  return new MediatorError('request_invalid', { message: `The file cannot be read (${errorCode(thrown)}).` });
}

/** Size of a file, and a hash by which the same content is known again. @throws MediatorError `request_invalid` */
export async function fingerprint(file: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  try {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk);
    return { bytes: (await stat(file)).size, sha256: hash.digest('hex') };
  } catch (thrown) {
    throw unreadable(thrown);
  }
}

/** The lines after a place. @throws MediatorError `request_invalid` */
export async function* linesOf(file: string, { lines, bytes }: Place = START): AsyncGenerator<Line> {
  let at: Place = { lines, bytes };
  let parts: Buffer[] = [];
  const take = (last: Buffer, newline: number): Line => {
    const line = Buffer.concat([...parts, last]);
    parts = [];
    at = { lines: at.lines + 1, bytes: at.bytes + line.length + newline };
    return { text: line.toString('utf8'), end: at };
  };
  try {
    for await (const chunk of createReadStream(file, { start: bytes, highWaterMark: 1024 * 1024 })) {
      let rest = Buffer.from(chunk);
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
        yield take(rest.subarray(0, end), 1);
        rest = rest.subarray(end + 1);
      }
      parts.push(rest);
      if (parts.reduce((size, part) => size + part.length, 0) > LONGEST_BYTES) {
        throw new MediatorError('request_invalid', { message: `Line ${at.lines + 1} is too long: one record a line.` });
      }
    }
  } catch (thrown) {
    throw unreadable(thrown);
  }
  const last = Buffer.concat(parts);
  parts = [];
  if (last.length > 0) yield take(last, 0);
}

/** What is worked on at once: records may have whole documents in them. */
const MOST_AT_ONCE = 16 * 1024 * 1024;

/** The lines by the `size`, or fewer where they are long. */
export async function* inChunks(lines: AsyncIterable<Line>, size: number): AsyncGenerator<readonly Line[]> {
  let chunk: Line[] = [];
  let length = 0;
  for await (const line of lines) {
    chunk.push(line);
    length += line.text.length;
    if (chunk.length < size && length < MOST_AT_ONCE) continue;
    yield chunk;
    [chunk, length] = [[], 0];
  }
  if (chunk.length > 0) yield chunk;
}

/** A line that was not taken. Nothing of its content is told. */
export interface Rejected {
  readonly line: number;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** The record in a line; undefined for a blank one. */
export async function readLine(
  records: ExportedRecords,
  { text, end }: Line,
): Promise<{ readonly reading: Reading & { readonly ok: true }; readonly raw: string } | Rejected | undefined> {
  const rejected = (code: ErrorCode, reason: string): Rejected => ({ line: end.lines, code, reason });
  if (text.trim() === '') return undefined;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Its message would quote the line.
    return rejected('json_invalid', 'It is not JSON.');
  }
  try {
    const reading = await records.read(body);
    return reading.ok ? { reading, raw: text } : rejected(reading.code, reading.reason);
  } catch (thrown) {
    if (!(thrown instanceof MediatorError)) throw thrown;
    return rejected(thrown.code, thrown.message);
  }
}
