import { MediatorError } from '../../errors/index.js';
import { endOnly, finish, type Step, type StepDeps } from './step.js';

/** Makes an event stuck whose answer did not come before the deadline. A later answer still moves it on. */
export function createExpireStep(deps: StepDeps): Step {
  return async (job) => {
    const event = await deps.events.get(deps.database, job.subjectId);
    if (event?.state !== 'submitted') return endOnly(deps, 'expire', job);
    const error = new MediatorError('answer_deadline_passed');
    const change = { state: 'stuck', code: error.code, reason: error.message, nextInMs: undefined } as const;
    return finish(deps, { step: 'expire', job, event, change, startedAt: deps.clock.now() });
  };
}
