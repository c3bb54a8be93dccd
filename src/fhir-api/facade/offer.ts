import type { Capability } from '../../national-id/index.js';
import type { RestOffer } from '../capability-statement.js';

/** What callers may do, by what the national ID system can do. */
export function offerOf(capabilities: ReadonlySet<Capability>): RestOffer {
  const can = (...wanted: readonly Capability[]): boolean => wanted.some((one) => capabilities.has(one));
  const takesEvents = can('issue', 'deactivate');
  const interactions = [
    ...(can('lookup') ? (['read', 'search-type'] as const) : []),
    ...(can('issue') ? (['create'] as const) : []),
    ...(can('deactivate') ? (['update'] as const) : []),
  ];
  const definition = 'http://hl7.org/fhir/OperationDefinition/Patient-match';
  const found = can('match')
    ? 'Finds who a Patient could be.'
    : 'Tells whether a Patient is the holder of its national ID; an answer holds only what was sent.';
  const patient = {
    type: 'Patient',
    ...(interactions.length === 0 ? {} : { interaction: interactions.map((code) => ({ code })) }),
    ...(can('issue') ? { conditionalCreate: true } : {}),
    ...(can('deactivate') ? { updateCreate: false, conditionalUpdate: true } : {}),
    ...(can('lookup')
      ? { searchParam: [{ name: 'identifier', type: 'token', documentation: 'One, with its system.' }] }
      : {}),
    ...(can('match', 'verify') ? { operation: [{ name: 'match', definition, documentation: found }] } : {}),
  };
  const task = {
    type: 'Task',
    interaction: [{ code: 'read' }],
    documentation: 'What became of a submission; its id is in the answer to it.',
  };
  const offersPatient = interactions.length > 0 || can('match', 'verify');
  const resource = [...(offersPatient ? [patient] : []), ...(takesEvents ? [task] : [])];
  return {
    documentation: 'Requests are translated for the national ID system. A create is a birth, an update a death.',
    ...(resource.length === 0 ? {} : { resource }),
    ...(takesEvents ? { interaction: [{ code: 'transaction' }, { code: 'batch' }] } : {}),
  };
}
