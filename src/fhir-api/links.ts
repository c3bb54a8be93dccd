import { Transform } from 'node:stream';

/** Puts our address where the FHIR server names its own, which is internal. `own` is `/fhir` as the caller reaches it. */
export interface LinkRewriter {
  /** A `Location` or `Content-Location`; undefined when it points anywhere else than below the base path. */
  location(value: string, own: string): string | undefined;
  /** A body in JSON or XML. Without the server's address in it, the same buffer. */
  body(bytes: Buffer, own: string): Buffer;
  /** The same for a body that is still coming. Holds back nothing but the beginning of what may be an address. */
  stream(own: string): Transform;
}

interface Address {
  readonly bytes: Buffer;
  /** Where in it the host begins. */
  readonly hostAt: number;
}

interface Rewritten {
  readonly pieces: readonly Buffer[];
  /** How far the given bytes are dealt with. */
  readonly end: number;
}

const LETTER_H = 0x68;
/** Bytes before an address that tell what it is. */
const CONTEXT_BYTES = 32;
/** An identifier system is a name that happens to be an address: rewritten, it would name something else. */
const IS_NAME = /"system"\s*:\s*"$|<system value="$/;
/** After the base, one of these would make it another path or host. */
const GOES_ON = /[\w.~%:-]/;

function isName(data: Buffer, start: number): boolean {
  return IS_NAME.test(data.toString('latin1', Math.max(0, start - CONTEXT_BYTES), start));
}

/** `base` as it may stand in a text: by either scheme, since servers guess theirs, its slashes escaped or not. */
function addressesOf(host: string, basePath: string): readonly Address[] {
  return ['http', 'https'].flatMap((scheme) => {
    const plain = `${scheme}://${host}${basePath}`;
    return [plain, plain.replaceAll('/', '\\/')].map((text) => ({
      bytes: Buffer.from(text),
      hostAt: text.indexOf(host),
    }));
  });
}

/**
 * Works on the bytes: no body is parsed, no other byte changed. Every string that begins with the base address is
 * rewritten (`fullUrl`, `link.url`, `reference`, narrative, ...). `base` has no last slash.
 */
export function createLinkRewriter(base: string): LinkRewriter {
  const { host, pathname } = new URL(base);
  const basePath = pathname.replace(/\/$/, '');
  const hostBytes = Buffer.from(host);
  const addresses = addressesOf(host, basePath);
  const longest = Math.max(...addresses.map(({ bytes }) => bytes.length));

  /** The first whole address from `from` on; at the end of `data` only where nothing follows any more. */
  const find = (data: Buffer, from: number, isLast: boolean): { start: number; end: number } | undefined => {
    for (let at = data.indexOf(hostBytes, from); at >= 0; at = data.indexOf(hostBytes, at + 1)) {
      for (const { bytes, hostAt } of addresses) {
        const [start, end] = [at - hostAt, at - hostAt + bytes.length];
        if (start < from || end > data.length || (end === data.length && !isLast)) continue;
        if (bytes.compare(data, start, end) !== 0 || GOES_ON.test(data.toString('latin1', end, end + 1))) continue;
        if (!isName(data, start)) return { start, end };
      }
    }
    return undefined;
  };

  /** Where an address may have begun that is not whole yet. */
  const openEnd = (data: Buffer, from: number): number => {
    for (let at = Math.max(from, data.length - longest); at < data.length; at += 1) {
      if (data[at] !== LETTER_H) continue;
      const rest = data.length - at;
      if (addresses.some(({ bytes }) => rest <= bytes.length && data.compare(bytes, 0, rest, at) === 0)) return at;
    }
    return data.length;
  };

  const rewrite = (data: Buffer, from: number, own: string, isLast: boolean): Rewritten => {
    const pieces: Buffer[] = [];
    let done = from;
    for (let found = find(data, done, isLast); found !== undefined; found = find(data, done, isLast)) {
      pieces.push(data.subarray(done, found.start), Buffer.from(own));
      done = found.end;
    }
    const end = isLast ? data.length : openEnd(data, done);
    pieces.push(data.subarray(done, end));
    return { pieces, end };
  };

  return {
    location(value, own) {
      const url = URL.parse(value, `${base}/`);
      if (url === null) return undefined;
      const { pathname: path, search } = url;
      return path.startsWith(`${basePath}/`) ? `${own}${path.slice(basePath.length)}${search}` : undefined;
    },
    body(bytes, own) {
      const { pieces } = rewrite(bytes, 0, own, true);
      return pieces.length === 1 ? bytes : Buffer.concat(pieces);
    },
    stream(own) {
      // What is not written yet, after a little of what is: its context.
      let held: Buffer = Buffer.alloc(0);
      let written = 0;
      const next = (chunk: Buffer, isLast: boolean): Buffer => {
        const data = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
        const { pieces, end } = rewrite(data, written, own, isLast);
        const kept = Math.max(0, end - CONTEXT_BYTES);
        held = data.subarray(kept);
        written = end - kept;
        const [only = held, ...more] = pieces;
        return more.length === 0 ? only : Buffer.concat(pieces);
      };
      return new Transform({
        transform: (chunk: Buffer, _encoding, done) => done(null, next(chunk, false)),
        flush: (done) => done(null, next(Buffer.alloc(0), true)),
      });
    },
  };
}
