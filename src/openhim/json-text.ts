const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** The short escapes of a JSON string: the letter after the backslash (RFC 8259, 7). */
const LETTERS: Readonly<Record<number, string>> = { 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r', 34: '"', 92: '\\' };
/** Marks a pair with a control character that has no short escape. JSON and XML hold none, so it may cost more. */
const LONG = 0x80;

/** What is written for each pair of bytes of UTF-8, the first one low: two to four bytes, the first one low again. */
interface Escapes {
  readonly words: Uint32Array;
  /** How many bytes of the word count; with `LONG` where they do not say it all. */
  readonly lengths: Uint8Array;
}

/** The escape of one byte, as a number and its length. */
function escapeOf(byte: number): { readonly word: number; readonly length: number; readonly mark: number } {
  const letter = LETTERS[byte]?.charCodeAt(0);
  if (letter !== undefined) return { word: BACKSLASH | (letter << 8), length: 2, mark: 0 };
  return { word: byte, length: 1, mark: byte < SPACE ? LONG : 0 };
}

function makeEscapes(): Escapes {
  const words = new Uint32Array(65_536);
  const lengths = new Uint8Array(65_536);
  const single = Array.from({ length: 256 }, (_, byte) => escapeOf(byte));
  for (const [low, first] of single.entries()) {
    for (const [high, second] of single.entries()) {
      const pair = low | (high << 8);
      words[pair] = first.word + second.word * 256 ** first.length;
      lengths[pair] = (first.length + second.length) | first.mark | second.mark;
    }
  }
  return { words, lengths };
}

/** Made when it is first needed. */
let escapes: Escapes | undefined;

/**
 * Escapes `text` into `target` from `at` on; returns where it ended, or -1 when it met a long escape. Takes two bytes at
 * once and always writes four: without a branch, since no processor can foretell where the quotation marks are.
 */
function escapeInto(target: Buffer, at: number, text: Buffer): number {
  escapes ??= makeEscapes();
  const { words, lengths } = escapes;
  const from = new DataView(text.buffer, text.byteOffset, text.length);
  const to = new DataView(target.buffer, target.byteOffset, target.length);
  const lastPair = text.length - 1;
  let end = at;
  let seen = 0;
  for (let index = 0; index < lastPair; index += 2) {
    const pair = from.getUint16(index, true);
    const length = lengths[pair] ?? 0;
    to.setUint32(end, words[pair] ?? 0, true);
    seen |= length;
    end += length & ~LONG;
  }
  if (text.length % 2 === 1) {
    // The last byte without a neighbour: with a space that does not count.
    const pair = from.getUint8(lastPair) | (SPACE << 8);
    const length = lengths[pair] ?? 0;
    to.setUint32(end, words[pair] ?? 0, true);
    seen |= length;
    end += (length & ~LONG) - 1;
  }
  return (seen & LONG) === 0 ? end : -1;
}

/** Up to here the space to escape into is kept for the next body. */
const KEPT_BYTES = 1_048_576;
let kept = Buffer.alloc(0);

/**
 * Kept and used again, because what lies outside the heap is dear: each 64 MB of new buffers make V8 mark the whole heap.
 * Nobody else sees it: it is copied from before the next turn.
 */
function space(bytes: number): Buffer {
  if (bytes > KEPT_BYTES) return Buffer.allocUnsafeSlow(bytes);
  if (kept.length < bytes) kept = Buffer.allocUnsafeSlow(Math.min(KEPT_BYTES, 2 * bytes));
  return kept;
}

/**
 * The bytes of `text`, which is UTF-8, as a JSON string: UTF-8 as well, with one character a byte (`latin1`), so that Node
 * writes it without looking at it. Works on bytes: where every eighth character is to be escaped, as in JSON, that takes a
 * fifth of the time of `JSON.stringify` (docs/performance.md).
 */
export function quoted(text: Buffer): string {
  // Four bytes are written where the last one goes.
  const target = space(2 * text.length + 4);
  target[0] = QUOTE;
  const end = escapeInto(target, 1, text);
  if (end < 0) return JSON.stringify(text.toString('latin1'));
  target[end] = QUOTE;
  return target.toString('latin1', 0, end + 1);
}
