const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** The short escapes of a JSON string: the letter after the backslash (RFC 8259, 7). */
const LETTERS: Readonly<Record<number, string>> = { 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r', 34: '"', 92: '\\' };
/** Marks a control character that has no short escape. JSON and XML hold none, so it may cost more. */
const LONG = 0x80;

/**
 * What is written for each byte of UTF-8: one byte or two, the first one low. For single bytes, although pairs would take
 * half the steps: on a busy machine their table of 320 KB costs a call more than it saves (docs/performance.md).
 */
const words = new Uint16Array(256);
/** How many bytes of the word count; with `LONG` where they do not say it all. */
const lengths = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  const letter = LETTERS[byte]?.charCodeAt(0);
  words[byte] = letter === undefined ? byte : BACKSLASH | (letter << 8);
  lengths[byte] = letter !== undefined ? 2 : byte < SPACE ? 1 | LONG : 1;
}

/**
 * Escapes `text` into `target` from `at` on; returns where it ended, or -1 when it met a long escape. Always writes two
 * bytes: without a branch, since no processor can foretell where the quotation marks are.
 */
function escapeInto(target: Buffer, at: number, text: Buffer): number {
  const to = new DataView(target.buffer, target.byteOffset, target.length);
  let end = at;
  let seen = 0;
  for (let index = 0; index < text.length; index += 1) {
    const byte = text[index] ?? 0;
    const length = lengths[byte] ?? 0;
    to.setUint16(end, words[byte] ?? 0, true);
    seen |= length;
    end += length & ~LONG;
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
 * writes it without looking at it. Works on bytes: where every eighth character is to be escaped, as in JSON, that takes
 * two thirds of the time of `JSON.stringify` (docs/performance.md).
 */
export function quoted(text: Buffer): string {
  // Two bytes are written where the last one goes.
  const target = space(2 * text.length + 3);
  target[0] = QUOTE;
  const end = escapeInto(target, 1, text);
  if (end < 0) return JSON.stringify(text.toString('latin1'));
  target[end] = QUOTE;
  return target.toString('latin1', 0, end + 1);
}
