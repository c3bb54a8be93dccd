import { z } from 'zod';
import type { FhirSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, readJson } from '../../outbound/index.js';
import type { Probe, ProbeDeps } from '../probe.js';
import { fhirAuthorization } from './authorization.js';
import { fhirBaseUrl } from './base-url.js';
import { createFhirServer } from './fhir-server.js';

const Statement = z.object({ resourceType: z.literal('CapabilityStatement'), fhirVersion: z.string() });

/** The value of an identifier that nobody has. */
const NOBODY = 'nobody-has-this';

/** What can be tried of a FHIR server: what it says it is, and whether it lets us search. */
export function fhirProbes({ outbound, clock }: ProbeDeps, settings: FhirSettings): readonly Probe[] {
  const server = createFhirServer({ outbound, clock, check: { report: () => undefined } }, settings);

  const metadata = async (signal: AbortSignal): Promise<string> => {
    const response = await outbound.send({
      peer: 'fhir',
      operation: 'metadata',
      method: 'GET',
      url: `${fhirBaseUrl(settings.baseUrl)}/metadata`,
      headers: { accept: 'application/fhir+json', ...fhirAuthorization(settings.auth) },
      signal,
    });
    const fault = errorForStatus(response, clock.now());
    if (fault !== undefined) throw fault;
    const statement = Statement.safeParse(readJson(response));
    if (!statement.success) throw new MediatorError('peer_response_invalid', { message: 'No FHIR server answers.' });
    const { fhirVersion } = statement.data;
    if (fhirVersion.startsWith('4.')) return `A FHIR server of version ${fhirVersion}.`;
    throw new MediatorError('peer_misconfigured', { message: `A FHIR server of version ${fhirVersion}, not R4.` });
  };

  return [
    {
      about: 'metadata',
      next: 'FHIR_BASE_URL has to be the base of a FHIR R4 server: /metadata hangs below it.',
      run: metadata,
    },
    {
      about: 'search',
      next: 'Check FHIR_AUTH, and FHIR_USERNAME and FHIR_PASSWORD or FHIR_TOKEN; the user must be able to read Patients.',
      // Metadata is often public: only a search shows whether our credentials are taken.
      async run(signal) {
        await server.find({ system: settings.nationalIdSystem, value: NOBODY }, signal);
        return 'The server takes our credentials and lets us search for Patients.';
      },
    },
  ];
}
