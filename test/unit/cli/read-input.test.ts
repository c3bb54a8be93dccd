import { expect, test } from '@jest/globals';
import { readInput } from '../../../src/cli/read-input.js';

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('a character that comes in two pieces is one character', async () => {
  const password = 'Zoë pässwörd 鍵';
  expect(await readInput(chunksOf(password, 1))).toBe(password);
});

test('half a character at the end is not passed over in silence', async () => {
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('é').subarray(0, 1);
  }
  expect(await readInput(cut())).toBe('\u{fffd}');
});

test('more than a secret can be is refused', async () => {
  await expect(readInput(chunksOf('x'.repeat(70_000), 8_192))).rejects.toMatchObject({ code: 'request_invalid' });
});
