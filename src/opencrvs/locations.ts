import { z } from 'zod';
import { MediatorError } from '../errors/index.js';
import { errorForStatus, type OutboundClient, type OutboundResponse, readJson, serviceUrl } from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';

export interface LocationsDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
}

export interface LocationsOptions {
  /** The gateway's address. */
  readonly url: string;
  /** How long a location counts as it was read. Default a day. */
  readonly keepMs?: number;
}

/** The places of OpenCRVS 1.2 to 1.9: districts, offices, health facilities (reference/opencrvs.md 4.4). */
export interface Locations {
  /**
   * The FHIR Location with this id; undefined when there is none.
   *
   * @throws MediatorError a `peer_…` code
   */
  read(id: string): Promise<unknown>;
  /** The name of the Location with this id; undefined when there is none. Throws like `read`. */
  name(id: string): Promise<string | undefined>;
}

const DEFAULT_KEEP_MS = 24 * 60 * 60 * 1000;
/** More than the places of a large country. */
const MOST_KEPT = 50_000;

const Location = z.looseObject({
  resourceType: z.literal('Location'),
  name: z.string().min(1).optional().catch(undefined),
  type: z
    .object({ coding: z.array(z.object({ code: z.string() })) })
    .optional()
    .catch(undefined),
});
type Location = z.infer<typeof Location>;

/** Hearth's "not found" comes through the gateway of 1.2 to 1.4 with status 200. */
const Miss = z.object({ resourceType: z.literal('OperationOutcome') });

const LocationId = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);

/** Places of the country. The others are people's homes: theirs are addresses of persons, and are not kept. */
const KEPT_TYPES: ReadonlySet<string | undefined> = new Set(['ADMIN_STRUCTURE', 'CRVS_OFFICE', 'HEALTH_FACILITY']);
const isKept = (location: Location): boolean => KEPT_TYPES.has(location.type?.coding[0]?.code);

function readLocation(response: OutboundResponse, nowMs: number): Location | undefined {
  const { status } = response;
  if (status === 404) return undefined;
  if (status !== 200) {
    const message = `OpenCRVS answered HTTP ${status} when it was asked for a location.`;
    throw errorForStatus(response, nowMs) ?? new MediatorError('peer_error', { message });
  }
  const body = readJson(response);
  const location = Location.safeParse(body);
  if (location.success) return location.data;
  if (Miss.safeParse(body).success) return undefined;
  throw new MediatorError('peer_response_invalid', { message: 'OpenCRVS did not answer with a location.' });
}

/** Reads locations through the gateway, which asks for no token; each once a day, however many ask at a time. */
export function createLocations(deps: LocationsDeps, options: LocationsOptions): Locations {
  const { outbound, clock } = deps;
  const { url, keepMs = DEFAULT_KEEP_MS } = options;
  const kept = new Map<string, { readonly location: Location; readonly until: number }>();
  const inFlight = new Map<string, Promise<Location | undefined>>();

  const keep = (id: string, location: Location): void => {
    const [oldest] = kept.keys();
    if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.delete(id);
    kept.set(id, { location, until: clock.now() + keepMs });
  };

  const fetchLocation = async (id: string): Promise<Location | undefined> => {
    try {
      const response = await outbound.send({
        peer: 'opencrvs-gateway',
        operation: 'read-location',
        method: 'GET',
        url: serviceUrl(url, `/location/${id}`),
        headers: { accept: 'application/json' },
      });
      const location = readLocation(response, clock.now());
      if (location !== undefined && isKept(location)) keep(id, location);
      return location;
    } finally {
      inFlight.delete(id);
    }
  };

  const read = async (id: string): Promise<Location | undefined> => {
    if (!LocationId.safeParse(id).success) return undefined;
    const known = kept.get(id);
    if (known !== undefined && clock.now() < known.until) return known.location;
    const pending = inFlight.get(id) ?? fetchLocation(id);
    inFlight.set(id, pending);
    return pending;
  };

  return { read, name: async (id) => (await read(id))?.name };
}
