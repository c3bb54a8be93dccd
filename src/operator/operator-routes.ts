import type { Problem, Settings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import { type Handler, type InboundRequest, jsonReply, type Reply, type Route } from '../http/index.js';
import type { ActionResult, Operator, OperatorAction, Refusal } from '../pipeline/index.js';
import { createOperatorGuard, type OperatorGuardDeps } from './guard.js';
import { actionOf, auditPageOf, bulkActionOf, listingOf, termOf } from './requests.js';
import { type SummaryDeps, settingsReport, summaryOf } from './standing.js';
import { auditView, bulkView, detailView, eventView } from './views.js';

export interface OperatorApiDeps extends Omit<SummaryDeps, 'settings' | 'metrics'>, Pick<OperatorGuardDeps, 'clock'> {
  readonly metrics: SummaryDeps['metrics'] & OperatorGuardDeps['metrics'];
  /** As they are now. */
  readonly settings: () => Pick<Settings, 'nationalId' | 'submissionsPaused' | 'sources'>;
  /** What the console holds and does not count. */
  readonly refusedSettings: () => readonly Problem[];
}

/** A command of a person, not a record. */
const MAX_BODY_BYTES = 16_384;
/** Where an event's id stands in the path. */
const ID_AT = 3;

const REFUSALS: Readonly<Record<Exclude<Refusal, 'not-found'>, string>> = {
  'not-allowed': 'The event is in a state that does not allow this.',
  waits: 'An earlier event of the same person is stuck: see to that one first.',
  erased: 'The data of the event has been removed: there is nothing left to send.',
  changed: 'The event has moved on since it was looked at.',
};

/** Answers may name people by their registration numbers: no cache keeps them. */
const answer = (body: unknown): Reply => jsonReply(200, body, { 'cache-control': 'no-store' });

const idOf = ({ path }: InboundRequest): string => path.split('/')[ID_AT] ?? '';

function assertDone(result: ActionResult): void {
  if (result.result === 'done') return;
  if (result.result === 'not-found') throw new MediatorError('event_unknown');
  throw new MediatorError('action_not_allowed', { message: REFUSALS[result.result] });
}

/**
 * What operators see and do under `/operator`. No answer holds personal data; every action goes into the audit trail.
 * Without credentials in the settings each route answers 503.
 */
export function operatorRoutes(deps: OperatorApiDeps, credentials: Settings['operator']): Route[] {
  const { operator, settings, refusedSettings } = deps;
  const guarded = { by: createOperatorGuard(deps, credentials) };
  const username = credentials?.username ?? '';

  const get = (path: string, handler: Handler): Route => ({
    methods: ['get'],
    path: `/operator${path}`,
    guarded,
    handler,
  });
  const post = (path: string, handler: Handler): Route => ({
    methods: ['post'],
    path: `/operator${path}`,
    guarded,
    maxBodyBytes: MAX_BODY_BYTES,
    contentTypes: ['application/json'],
    handler,
  });

  const detail = async (id: string): Promise<Reply> => {
    const found = await operator().show(id);
    if (found === undefined) throw new MediatorError('event_unknown');
    return answer(detailView(found));
  };

  const find = async (term: string, isWanted: (event: Awaited<ReturnType<Operator['find']>>[number]) => boolean) =>
    answer({ events: (await operator().find(term)).filter(isWanted).map(eventView) });

  const list: Handler = async (request) => {
    const listing = listingOf(request);
    if ('registrationNumber' in listing) {
      const { registrationNumber } = listing;
      return find(registrationNumber, (event) => event.registrationNumber === registrationNumber);
    }
    const { filter, page, counts } = listing;
    const found = await operator().list(filter, { ...page, limit: page.limit });
    const count = counts ? await operator().count(filter) : undefined;
    const next = found.length === page.limit ? found.at(-1)?.seq : undefined;
    return answer({ events: found.map(eventView), next, count });
  };

  const act =
    (action: OperatorAction): Handler =>
    async (request) => {
      const id = idOf(request);
      assertDone(await operator()[action](id, actionOf(request, username)));
      return detail(id);
    };

  const actOnAll =
    (action: 'retryAll' | 'closeAll'): Handler =>
    async (request) => {
      const { filter, by, limit } = bulkActionOf(request, username);
      if (action === 'closeAll' && by.reason === undefined) {
        throw new MediatorError('request_invalid', { message: 'Not valid: reason.' });
      }
      return answer(bulkView(await operator()[action](filter, by, limit)));
    };

  return [
    get('/summary', async () => answer(await summaryOf(deps))),
    get('/settings', async () => answer(settingsReport(settings(), refusedSettings()))),
    get('/audit', async (request) => {
      const page = auditPageOf(request);
      const lines = await operator().auditTrail(page);
      return answer({ audit: lines.map(auditView), next: lines.length === page.limit ? lines.at(-1)?.id : undefined });
    }),
    get('/events', list),
    post('/events/search', async (request) => find(termOf(request), () => true)),
    post('/events/retry', actOnAll('retryAll')),
    post('/events/close', actOnAll('closeAll')),
    get('/events/:id', (request) => detail(idOf(request))),
    post('/events/:id/retry', act('retry')),
    post('/events/:id/close', act('close')),
  ];
}
