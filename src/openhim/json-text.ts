const QUOTE = 0x22;
/** Set in a letter below: a control character without a short escape. JSON and XML hold none, so it may cost more. */
const LONG = 0x80;
const LETTERS = new Map<number, string>([
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x22, '"'],
  [0x5c, '\\'],
]);

/** The letter after the backslash that a byte of UTF-8 becomes in a JSON string (RFC 8259, 7); 0 where it stays. */
function letterOf(byte: number): number {
  return LETTERS.get(byte)?.charCodeAt(0) ?? (byte < 0x20 ? LONG : 0);
}

/** For each byte what is written in its place, in two bytes, the first in the low half: itself, or a backslash and a letter. */
const PAIRS = Uint16Array.from({ length: 256 }, (_, byte) =>
  letterOf(byte) === 0 ? byte : (letterOf(byte) << 8) | 0x5c,
);
const LENGTHS = Uint8Array.from(PAIRS, (pair) => (pair > 0xff ? 2 : 1));

/**
 * Escapes `text` into `target` from `at` on; returns where it ended, or -1 when it met a long escape. Always writes two
 * bytes and goes on by one or two: without a branch, since no processor can foretell where the quotation marks are.
 */
function escapeInto(target: Buffer, at: number, text: Buffer): number {
  const view = new DataView(target.buffer, target.byteOffset, target.length);
  let end = at;
  let seen = 0;
  for (let index = 0; index < text.length; index += 1) {
    const byte = text[index] ?? 0;
    const pair = PAIRS[byte] ?? 0;
    view.setUint16(end, pair, true);
    seen |= pair;
    end += LENGTHS[byte] ?? 0;
  }
  return (seen >> 8) & LONG ? -1 : end;
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
 * half the time of `JSON.stringify` (docs/performance.md).
 */
export function quoted(text: Buffer): string {
  const target = space(2 * text.length + 2);
  target[0] = QUOTE;
  const end = escapeInto(target, 1, text);
  if (end < 0) return JSON.stringify(text.toString('latin1'));
  target[end] = QUOTE;
  return target.toString('latin1', 0, end + 1);
}
