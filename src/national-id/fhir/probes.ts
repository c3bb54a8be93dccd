import { z } from 'zod';
import type { FhirSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, readJson } from '../../outbound/index.js';
import { type Authorization, createAuthorization } from '../authorization.js';
import type { Probe, ProbeDeps } from '../probe.js';
import { fhirBaseUrl } from './base-url.js';
import { createFhirServer } from './fhir-server.js';

const Statement = z.object({ resourceType: z.literal('CapabilityStatement'), fhirVersion: z.string() });

/** The value of an identifier that nobody has. */
const NOBODY = 'nobody-has-this';

/** The settings of each way to authenticate. */
const CREDENTIALS: Readonly<Record<FhirSettings['auth']['kind'], string>> = {
  none: '',
  basic: ', FHIR_USERNAME, FHIR_PASSWORD',
  bearer: ', FHIR_TOKEN',
  'client-credentials': ', FHIR_TOKEN_URL, FHIR_CLIENT_ID, FHIR_CLIENT_SECRET, FHIR_CLIENT_AUTH, FHIR_SCOPE',
};

/** What can be tried of a FHIR server: what it says it is, and whether it lets us search. */
export function fhirProbes(deps: ProbeDeps, settings: FhirSettings): readonly Probe[] {
  const { outbound, clock } = deps;

  const authorized = async <T>(work: (authorization: Authorization) => Promise<T>): Promise<T> => {
    const authorization = createAuthorization(deps, settings.auth, 'fhir-auth');
    try {
      return await work(authorization);
    } finally {
      authorization.stop();
    }
  };

  const metadata = async (authorization: Authorization, signal: AbortSignal): Promise<string> => {
    const response = await authorization.run((credentials) =>
      outbound.send({
        peer: 'fhir',
        operation: 'metadata',
        method: 'GET',
        url: `${fhirBaseUrl(settings.baseUrl)}/metadata`,
        headers: { accept: 'application/fhir+json', ...credentials },
        signal,
      }),
    );
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
      run: (signal) => authorized((authorization) => metadata(authorization, signal)),
    },
    {
      about: 'search',
      next: `Check FHIR_AUTH${CREDENTIALS[settings.auth.kind]}; we must be allowed to read Patients.`,
      // Metadata is often public: only a search shows whether our credentials are taken.
      run: (signal) =>
        authorized(async (authorization) => {
          const server = createFhirServer(
            { outbound, authorization, clock, check: { report: () => undefined } },
            settings,
          );
          await server.find({ system: settings.nationalIdSystem, value: NOBODY }, signal);
          return 'The server takes our credentials and lets us search for Patients.';
        }),
    },
  ];
}
