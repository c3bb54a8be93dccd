import { CANARY, type Letter } from './inbox.js';
import type { Deployment } from './process.js';
import { TABLES } from './sim-database.js';

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly number: string;
  readonly state: string;
  readonly code: string | null;
  readonly is_due: boolean;
}

/** For these reasons a person has to look: it is an end, too. */
const STUCK_CODES: ReadonlySet<string> = new Set([
  'national_id_misconfigured',
  'retries_exhausted',
  'answer_deadline_passed',
  'waits_for_earlier',
  'decision_needed',
]);

const isFinal = ({ state, code }: Row): boolean =>
  ['settled', 'skipped', 'refused', 'closed'].includes(state) || (state === 'stuck' && STUCK_CODES.has(code ?? ''));

/** A later event of a person that was handed over while an earlier one was on its way. */
const OVERTAKEN = `
  select later.registration_number as number from mediator.event earlier
  join mediator.event later on later.person_id = earlier.person_id and later.seq > earlier.seq
  where (select min(id) from mediator.history where event_id = later.id and step = 'submit')
      < (select min(id) from mediator.history where event_id = earlier.id
         and outcome in ('issued', 'settled', 'refused', 'stuck', 'skipped', 'closed'))`;

/** What does not hold of a history that has come to rest. */
export async function violationsIn(
  { engine, outside }: Deployment,
  inbox: readonly Letter[],
  logLines: readonly string[],
): Promise<string[]> {
  const events = await engine.rows<Row>(
    `select id, kind, registration_number as number, state, code, next_action_at is not null as is_due
     from mediator.event`,
  );
  const byId = new Map(events.map((event) => [event.id, event]));
  const lost = inbox.filter(({ acknowledgedAs: id }) => id !== undefined && !byId.has(id));
  const births = events.filter(({ kind }) => kind === 'birth');
  const overtaken = await engine.rows<{ number: string }>(OVERTAKEN);
  const told = births.filter(({ state, number }) => state === 'settled' && outside.peopleOf(number) > 0);
  return [
    ...lost.map(({ incoming }) => `${incoming.reading.event.registrationNumber} was acknowledged and is lost`),
    ...inbox
      .filter(({ acknowledgedAs }) => acknowledgedAs === undefined)
      .map(({ incoming }) => `${incoming.reading.event.registrationNumber} was never acknowledged`),
    ...births
      .filter(({ number }) => outside.peopleOf(number) > 1)
      .map(({ number }) => `${number} has ${outside.peopleOf(number)} identities`),
    ...events
      .filter((event) => !isFinal(event))
      .map(({ kind, number, state, code }) => `${kind} ${number} ended as ${state} (${code ?? 'no code'})`),
    ...told
      .filter(({ number }) => outside.written.get(number) !== `N-${number}`)
      .map(({ number }) => `${number} is settled, and OpenCRVS does not have its number`),
    ...overtaken.map(({ number }) => `${number} was handed over before an earlier event of its person had ended`),
    ...(await personalDataIn(engine)).map((place) => `personal data in ${place}`),
    ...(logLines.some((line) => line.includes(CANARY)) ? ['personal data in the log'] : []),
  ];
}

/** Tables with the canary in clear. */
async function personalDataIn(engine: Deployment['engine']): Promise<string[]> {
  const looks = TABLES.map(
    (name) => `(select '${name}' as name from mediator.${name} as t where t::text like $1 limit 1)`,
  );
  const rows = await engine.rows<{ name: string }>(looks.join(' union all '), [`%${CANARY}%`]);
  return rows.map(({ name }) => name);
}
