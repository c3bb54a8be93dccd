import type { FhirSettings } from '../../config/index.js';
import type { OutboundClient } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Health, Logger, Metrics } from '../../telemetry/index.js';
import { registerOf } from '../../vital-events/index.js';
import { createAuthorization } from '../authorization.js';
import type { MappingSource } from '../event-mapping.js';
import { nothingSupported } from '../not-supported.js';
import type { NationalIdSystem } from '../port.js';
import { createChangePerson } from './change-person.js';
import { correctedBirth, correctedDeath, deactivated, reactivated } from './edits.js';
import { createFhirServer } from './fhir-server.js';
import { createIssue } from './issue.js';
import { createFhirQueries } from './queries.js';
import { createToPatient } from './to-patient.js';

export interface FhirSystemDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
}

/** Characters of the key that we give to a server: 128 bits of the digest. */
const KEY_LENGTH = 32;

/**
 * A FHIR R4 server as national ID system (reference/mosip.md 7.2). It answers at once, so there is no callback; health
 * check `fhir`.
 *
 * @throws MediatorError `mapping_failed` when `fhir/birth.jsonata` cannot be read below `mappings.dir`
 */
export function createFhirSystem(
  { outbound, clock, log, metrics, health }: FhirSystemDeps,
  settings: FhirSettings,
  mappings: MappingSource,
): NationalIdSystem {
  const authorization = createAuthorization({ outbound, clock, log, metrics }, settings.auth, 'fhir-auth');
  const server = createFhirServer({ outbound, authorization, clock, check: health.check('fhir') }, settings);
  const { toPatient, biometrics } = createToPatient(mappings, settings);
  const changePerson = createChangePerson({ server, clock, log }, settings);
  return {
    ...nothingSupported,
    ...createFhirQueries({ server, clock }, settings),
    name: 'fhir',
    biometrics,
    capabilities: new Set([
      'issue',
      'deactivate',
      'update',
      'reactivate',
      'verify',
      'age-check',
      'lookup',
      'match',
    ] as const),
    outwardKey: (digest) => Buffer.from(digest).toString('hex').slice(0, KEY_LENGTH),
    issue: createIssue({ server, clock, toPatient }, settings),
    deactivate: (submission) => changePerson(submission, (patient) => deactivated(patient, submission.event)),
    reactivate: (submission) => changePerson(submission, (patient) => reactivated(patient, submission.event)),
    async update(submission) {
      const { event } = submission;
      if (registerOf(event) === 'death') return changePerson(submission, (patient) => correctedDeath(patient, event));
      const mapped = await toPatient(submission);
      return changePerson(submission, (patient) => correctedBirth(patient, mapped));
    },
    start: () => undefined,
    async stop() {
      authorization.stop();
    },
  };
}
