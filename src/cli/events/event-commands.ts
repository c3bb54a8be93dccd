import type { ParseArgsOptionsConfig } from 'node:util';
import { EXPLANATIONS, MediatorError } from '../../errors/index.js';
import type { EventDetailView, EventView } from '../../operator/index.js';
import { type Command, EXIT, type Terminal, UsageError } from '../command.js';
import { refusePasswordArguments } from '../openhim/admin-password.js';
import { type Options, parseOptions } from '../options.js';
import { ACCESS, ACCESS_HELP, withMediator } from './access.js';
import { detailText, listText, nameOf } from './event-text.js';
import type { Acting, Action, OperatorClient } from './operator-client.js';

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

const COMMON = { ...ACCESS, json: flag } as const;
const FILTER = { state: texts, kind: texts, code: texts, 'older-than-hours': text } as const;
const LIST = { ...COMMON, ...FILTER, newest: flag, limit: text, after: text } as const;
const ACT = { ...COMMON, ...FILTER, all: flag, limit: text, reason: text, by: text } as const;

const FILTER_HELP = `--state STATE        received, submitted, issued, settled, refused, stuck, skipped, closed; may be repeated
--kind KIND          birth, death, correction, cancellation, reinstatement, unknown; may be repeated
--code CODE          an error code; may be repeated
--older-than-hours N arrived so long ago`;

const WHICH_HELP = 'NUMBER is a registration number, a tracking id, an event id, or a transaction id of OpenHIM.';

/** The number that a call begins with, and the rest. */
function numberIn(args: readonly string[]): { readonly number: string | undefined; readonly rest: readonly string[] } {
  const [first, ...rest] = args;
  const isNumber = first !== undefined && first !== '' && !first.startsWith('-');
  return isNumber ? { number: first, rest } : { number: undefined, rest: args };
}

function parsed<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T): Options<T> {
  refusePasswordArguments(args);
  return parseOptions(args, options);
}

function whole(option: string, given: string): number {
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new UsageError(`--${option} is a whole number.`);
  return Number(given);
}

const print = (terminal: Terminal, value: unknown): void => terminal.out(`${JSON.stringify(value)}\n`);

/** Everything known under a number, oldest first; never empty. */
async function detailsOf(client: OperatorClient, number: string): Promise<readonly EventDetailView[]> {
  const found = await client.find(number);
  if (found.length === 0) {
    const { why, todo } = EXPLANATIONS.event_unknown;
    throw new MediatorError('event_unknown', { message: `${why} ${todo}` });
  }
  const details: EventDetailView[] = [];
  for (const { id } of found) details.push(await client.show(id));
  return details;
}

/** The one event that an action can mean. */
function meant(details: readonly EventDetailView[], action: Action): EventView {
  const [first] = details;
  const possible = details.filter(({ allowed }) => allowed.includes(action));
  const [one] = details.length === 1 ? details : possible;
  if (one !== undefined && (details.length === 1 || possible.length === 1)) return one.event;
  if (possible.length === 0) {
    const message = `No event of this number is in a state that allows it; the first, ${first?.event.kind}, is ${first?.event.state}.`;
    throw new MediatorError('action_not_allowed', { message });
  }
  const choices = possible.map(({ event }) => `  ${event.id}  ${nameOf(event)}, ${event.state}`);
  throw new MediatorError('action_not_allowed', {
    message: ['Several events have this number. Name one of them by its id:', ...choices].join('\n'),
  });
}

const list: Command = {
  name: 'events list',
  synopsis: '[--state STATE] [--code CODE] [--kind KIND] [--limit N] [--json]',
  summary: 'lists events, those first that have been here longest',
  help: `${FILTER_HELP}
--newest             the newest first
--limit N            so many at most, up to 500; default 50
--after CURSOR       goes on where the page before ended

${ACCESS_HELP}`,
  async run(args, terminal) {
    const options = parsed(args, LIST);
    const query = new URLSearchParams();
    for (const name of ['state', 'kind', 'code'] as const)
      for (const value of options[name] ?? []) query.append(name, value);
    const hours = options['older-than-hours'];
    if (hours !== undefined) query.set('olderThanHours', String(whole('older-than-hours', hours)));
    if (options.newest === true) query.set('order', 'newest');
    if (options.limit !== undefined) query.set('limit', String(whole('limit', options.limit)));
    if (options.after !== undefined) query.set('after', options.after);
    const page = await withMediator(options, terminal, (client) => client.list(query));
    if (options.json === true) print(terminal, page);
    else if (page.events.length === 0) terminal.say('There are no such events.\n');
    else terminal.out(listText(page.events));
    if (options.json !== true && page.next !== undefined) terminal.say(`There may be more: --after ${page.next}\n`);
    return EXIT.ok;
  },
};

const show: Command = {
  name: 'events show',
  synopsis: 'NUMBER [--json]',
  summary: 'says where a registration is, why, and what to do; with its whole history',
  help: `${WHICH_HELP} Every event of it is shown.\n\n${ACCESS_HELP}`,
  async run(args, terminal) {
    const { number, rest } = numberIn(args);
    const options = parsed(rest, COMMON);
    if (number === undefined) throw new UsageError('The number is missing.');
    const details = await withMediator(options, terminal, (client) => detailsOf(client, number));
    if (options.json === true) print(terminal, { events: details });
    else terminal.out(details.map(detailText).join('\n'));
    return EXIT.ok;
  },
};

function filterOf({ state, kind, code, 'older-than-hours': hours }: Options<typeof FILTER>): object {
  return {
    ...(state === undefined ? {} : { state }),
    ...(kind === undefined ? {} : { kind }),
    ...(code === undefined ? {} : { code }),
    ...(hours === undefined ? {} : { olderThanHours: whole('older-than-hours', hours) }),
  };
}

/** A command that acts on one event, or with `--all` on many. */
function acting(
  action: Action,
  done: string,
  facts: Pick<Command, 'synopsis' | 'summary'> & { help: string },
): Command {
  const actOnAll = async (options: Options<typeof ACT>, by: Acting, terminal: Terminal): Promise<number> => {
    const limit = options.limit === undefined ? 100 : whole('limit', options.limit);
    const result = await withMediator(options, terminal, (client) =>
      client.actOnAll(action, filterOf(options), limit, by),
    );
    if (options.json === true) print(terminal, result);
    else {
      const skipped = Object.entries(result.skipped).map(([why, count]) => `, ${count} left alone (${why})`);
      terminal.out(`${result.done} events: ${done}${skipped.join('')}.\n`);
      if (!result.isWhole) terminal.say('There are more: run it again, or with a larger --limit.\n');
    }
    return EXIT.ok;
  };

  return {
    name: `events ${action}`,
    ...facts,
    help: `${WHICH_HELP}

${facts.help}
--by NAME            who acts, for the audit trail, beside the common user name
--all                instead of NUMBER: all that are stuck, or that these name:
${FILTER_HELP}
--limit N            with --all: so many at most; default 100

${ACCESS_HELP}`,
    async run(args, terminal) {
      const { number, rest } = numberIn(args);
      const options = parsed(rest, ACT);
      const { reason, by, all } = options;
      if (action === 'close' && (reason ?? '').trim() === '') throw new UsageError('--reason is missing.');
      if ((number === undefined) === (all !== true)) throw new UsageError('One is wanted: NUMBER or --all.');
      if (number === undefined) return actOnAll(options, { reason, by }, terminal);
      if (Object.keys(filterOf(options)).length > 0) throw new UsageError('A filter goes with --all.');
      const detail = await withMediator(options, terminal, async (client) =>
        client.act(action, meant(await detailsOf(client, number), action), { reason, by }),
      );
      if (options.json === true) print(terminal, detail);
      else terminal.out(`${nameOf(detail.event)}: ${done}. ${detail.event.explanation.where}\n`);
      return EXIT.ok;
    },
  };
}

const retry = acting('retry', 'tried again', {
  synopsis: '(NUMBER | --all [FILTER]) [--reason TEXT] [--by NAME]',
  summary: 'gives a stopped event back to the step where it failed',
  help: '--reason TEXT        why, for the audit trail; names no person',
});

const close = acting('close', 'closed', {
  synopsis: '(NUMBER | --all [FILTER]) --reason TEXT [--by NAME]',
  summary: 'ends a stopped event for good, with a reason',
  help: '--reason TEXT        why, for the audit trail; names no person. It must be given',
});

/** `events …`: what operators look for and do, over the API of a running mediator. */
export const eventCommands: readonly Command[] = [list, show, retry, close];
