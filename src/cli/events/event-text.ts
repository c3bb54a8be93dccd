import type { EventDetailView, EventView, HistoryView } from '../../operator/index.js';

/** What each step of the history is, for a reader who knows the office and not the service. */
const STEPS: Readonly<Record<string, string>> = {
  accept: 'arrived from OpenCRVS',
  import: 'taken over from another mediator',
  order: 'order of the events of the person',
  submit: 'sent to the national ID system',
  poll: 'asked the national ID system how it stands',
  expire: 'the time for the answer was over',
  answer: 'answer of the national ID system',
  deliver: 'told OpenCRVS',
  operator: 'an operator acted',
};

const OUTCOMES: Readonly<Record<string, string>> = {
  failed: 'failed',
  repeated: 'the same once more',
  received: 'waits to be sent',
  submitted: 'taken, waits for its answer',
  issued: 'answered',
  settled: 'finished',
  refused: 'refused',
  skipped: 'not to be sent',
  stuck: 'stopped',
  closed: 'closed',
};

/** A moment as a person reads it. */
export const moment = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

const seconds = (ms: number): string => (ms < 100 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

/** The name by which people know an event. */
export const nameOf = ({ kind, registrationNumber, trackingId, id }: EventView): string =>
  `${kind} ${registrationNumber ?? trackingId ?? id}`;

function historyLines({ at, step, outcome, code, note, durationMs, transactionId, calls = [] }: HistoryView): string[] {
  const facts = [
    OUTCOMES[outcome] ?? outcome,
    ...(code === undefined ? [] : [code]),
    ...(durationMs === undefined ? [] : [seconds(durationMs)]),
    ...(transactionId === undefined ? [] : [`OpenHIM ${transactionId}`]),
  ];
  return [
    `  ${moment(at)}  ${STEPS[step] ?? step}: ${facts.join(', ')}`,
    ...(note === undefined ? [] : [`${' '.repeat(27)}${note}`]),
    ...calls.map(
      (call) => `${' '.repeat(27)}${call.peer} ${call.operation}: ${call.status ?? call.code ?? 'no answer'}`,
    ),
  ];
}

function nextLine({ next }: EventDetailView): string[] {
  if (next.step === 'wait') return next.behind === undefined ? [] : [`Waits for  event ${next.behind}`];
  return next.at === undefined ? [] : [`Next step  ${moment(next.at)}`];
}

/** One event, as `events show` prints it. */
export function detailText(detail: EventDetailView): string {
  const { event, history, audit, allowed } = detail;
  const { explanation, trackingId, reason, code } = event;
  const known = trackingId === undefined ? '' : `, tracking id ${trackingId}`;
  const because = [explanation.why, reason === explanation.why ? undefined : reason].filter(
    (part) => part !== undefined,
  );
  return [
    `${nameOf(event)}${known}`,
    '',
    `Where      ${explanation.where}`,
    ...(because.length === 0 ? [] : [`Why        ${because.join(' ')}${code === undefined ? '' : ` (${code})`}`]),
    `To do      ${explanation.todo}`,
    ...nextLine(detail),
    ...(allowed.length === 0 ? [] : [`Possible   ${allowed.map((action) => `events ${action}`).join(', ')}`]),
    '',
    `Event      ${event.id}, ${event.state}, ${event.system} ${event.outwardKey}`,
    `Arrived    ${moment(event.receivedAt)}${event.transactionId === undefined ? '' : `, OpenHIM ${event.transactionId}`}`,
    ...(event.holdsData ? [] : ['Data       removed, its time was over']),
    '',
    'History',
    ...history.flatMap(historyLines),
    ...(audit.length === 0 ? [] : ['', 'Operators']),
    ...audit.map(
      ({ at, actor, action, reason: why }) =>
        `  ${moment(at)}  ${actor}: ${action}${why === undefined ? '' : `, ${why}`}`,
    ),
    '',
  ].join('\n');
}

/** Some events, a line each. */
export function listText(events: readonly EventView[]): string {
  const rows = events.map((event) => [
    event.registrationNumber ?? event.trackingId ?? event.id,
    event.kind,
    event.state,
    event.code ?? '',
    moment(event.receivedAt),
    event.id,
  ]);
  const heads = ['NUMBER', 'KIND', 'STATE', 'CODE', 'ARRIVED', 'EVENT'];
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `${cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()}\n`;
  return [heads, ...rows].map(line).join('');
}
