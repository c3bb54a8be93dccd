import { FHIR_CLIENT, INBOUND, type World } from '../../support/world.js';

export const NID = 'urn:national-id';
export const BRN = 'urn:opencrvs:registration-number';

export interface FhirAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

type Send = (base: string, path: string, init: RequestInit) => Promise<Response>;

/** A FHIR client: `directly` at the mediator with its credentials, `through` OpenHIM's channel with its own. */
export function fhirClient(world: World, send: Send = (base, path, init) => fetch(`${base}${path}`, init)) {
  const asker =
    (base: string, user: string) =>
    async (
      method: string,
      path: string,
      body?: unknown,
      more: Readonly<Record<string, string>> = {},
    ): Promise<FhirAnswer> => {
      const authorization = `Basic ${Buffer.from(user).toString('base64')}`;
      const response = await send(base, `/fhir${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/fhir+json', ...more },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    };
  return {
    directly: asker(`http://127.0.0.1:${world.port}`, `${INBOUND.username}:${INBOUND.password}`),
    through: asker(world.router.url, `${FHIR_CLIENT.id}:${FHIR_CLIENT.password}`),
  };
}

/** A search by form: no number in an address. */
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const;
export const byIdentifier = (system: string, value: string): string =>
  new URLSearchParams({ identifier: `${system}|${value}` }).toString();

export const matchOf = (resource: unknown): unknown => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'resource', resource }],
});
