import { z } from 'zod';
import type { ReceivedRequest } from '../../test/peers/http-peer.js';
import type { Narrator } from '../narrator.js';

/** Longer values are cut: a line is to be read. */
const LONGEST = 90;

const Members = z.record(z.string(), z.unknown());

function inBrief(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}... (${text.length} characters)` : text;
}

/** Tells a call that a system was sent: the title, and its JSON body member by member. */
export function tellCall({ saw, show }: Narrator, title: string, { body }: Pick<ReceivedRequest, 'body'>): void {
  saw(`${title}:`);
  for (const [name, value] of Object.entries(Members.parse(JSON.parse(body.toString('utf8'))))) {
    show(`  ${name}`, inBrief(value));
  }
}
