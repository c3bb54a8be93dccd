import { z } from 'zod';
import type { OsiaSettings } from '../../config/index.js';
import { MediatorError, toMediatorError } from '../../errors/index.js';
import type { OutboundResponse } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Submission } from '../port.js';
import { errorCode, type Refused, readAnswer, refusalOf } from './answers.js';
import type { OsiaClient } from './osia-client.js';
import type { Attributes } from './scalar.js';

/** A number that can stand in an address: never a step to another path. */
export const Uin = z.string().regex(/^\w[\w.-]{0,63}$/);

/** What is written down about the one call that cannot be repeated: whether it went out, or what came of it. */
const Note = z.union([z.strictObject({ uin: Uin }), z.strictObject({ asked: z.boolean() })]);
type Note = z.infer<typeof Note>;

const UNKNOWN =
  'A number was asked for and no answer came; the population registry does not know the person. See docs/osia.md.';

function lastNote({ progress, repeated }: Submission): Note {
  // Where progress is kept and there is none, nothing was asked.
  if (progress === undefined) return { asked: repeated };
  return progress.kept === undefined ? { asked: false } : Note.parse(progress.kept);
}

/** An answer by which the service says that it made no number. A 500 says so only in OSIA's own words. */
function isRejection(response: OutboundResponse): boolean {
  const { status } = response;
  if (status === 500) return errorCode(response) !== undefined;
  return (status >= 400 && status < 500) || status === 503;
}

/** The number that this submission was given already, if any. */
export function notedUin(submission: Submission): string | undefined {
  const note = lastNote(submission);
  return 'uin' in note ? note.uin : undefined;
}

/**
 * Asks the UIN service for a number (uin.yaml 1.2), once for each event: OSIA promises nothing about a repeated
 * `transactionId`, so the question is written down before it goes out, and its answer before anything is done with it.
 *
 * The function throws MediatorError `outcome_unknown` where an earlier question had no answer and the settings do not
 * allow another one, and what a failed call stands for.
 */
export function createAskForUin(
  { client, clock }: { readonly client: OsiaClient; readonly clock: Clock },
  { lostUin }: Pick<OsiaSettings, 'lostUin'>,
): (submission: Submission, attributes: Attributes) => Promise<string | Refused> {
  return async (submission, attributes) => {
    const keep = async (note: Note): Promise<void> => submission.progress?.keep(note);
    const note = lastNote(submission);
    if ('uin' in note) return note.uin;
    if (note.asked && lostUin === 'stuck') throw new MediatorError('outcome_unknown', { message: UNKNOWN });

    await keep({ asked: true });
    let response: OutboundResponse;
    try {
      response = await client({
        operation: 'generateUIN',
        service: 'uin',
        method: 'POST',
        path: '/v1/uin',
        query: { transactionId: submission.outwardKey },
        body: attributes,
        signal: submission.signal,
      });
    } catch (thrown) {
      const error = toMediatorError(thrown);
      if (error.unsent) await keep({ asked: false });
      throw error;
    }
    if (isRejection(response)) await keep({ asked: false });
    if (response.status !== 200) return refusalOf(response, clock.now());
    const uin = readAnswer(Uin, response);
    await keep({ uin });
    return uin;
  };
}
