import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import type { OpenCrvsRecords } from './opencrvs-records.js';
import { frameworkError, type OpenCrvsSystem } from './opencrvs-system.js';

/** Which form of the gateway: 1.2 stores what it gets, 1.7 looks it over first and answers with the record. */
export type NotificationVersion = '1.2' | '1.7';

const Resource = z.looseObject({ resourceType: z.string() });
const entryOf = <T extends z.ZodType>(resource: T) => z.strictObject({ fullUrl: z.string().min(1), resource });
const Extension = z.looseObject({
  url: z.string(),
  valueReference: z.looseObject({ reference: z.string() }).optional(),
});

/** As strict as the gateway's own schema (core@v1.7.0 gateway eventNotificationHandler.ts). */
const Document = z.strictObject({
  resourceType: z.literal('Bundle'),
  type: z.literal('document'),
  meta: z.strictObject({ lastUpdated: z.union([z.iso.datetime({ offset: true }), z.iso.date()]) }),
  entry: z.tuple(
    [
      entryOf(z.looseObject({ resourceType: z.literal('Composition') })),
      entryOf(
        z.looseObject({
          resourceType: z.literal('Task'),
          status: z.string().optional(),
          focus: z.looseObject({ reference: z.string() }).optional(),
          extension: z.array(Extension).optional(),
        }),
      ),
    ],
    entryOf(z.looseObject({ resourceType: z.enum(['Patient', 'RelatedPerson', 'Encounter', 'Observation']) })),
  ),
});
type Document = z.infer<typeof Document>;

const Type = z.looseObject({
  type: z.looseObject({ coding: z.tuple([z.looseObject({ code: z.string() })], z.unknown()) }),
});
const codeOf = (resource: unknown): string | undefined => Type.safeParse(resource).data?.type.coding[0].code;
const Encounter = z.looseObject({
  location: z.tuple([z.looseObject({ location: z.looseObject({ reference: z.string() }) })], z.unknown()),
});

/** An error of the content from 1.3 on: status 500, with words of its own. */
const finding = (message: string): PeerReply =>
  json({ statusCode: 500, error: 'An internal server error occurred', message }, 500);

/** The gateway's REST routes for health systems and places, 1.2 to 1.9. */
export class OpenCrvsNotificationPeer extends HttpPeer {
  readonly #system: OpenCrvsSystem;
  readonly #records: OpenCrvsRecords;
  readonly #version: NotificationVersion;
  /** The tracking ids given, in order. */
  readonly trackingIds: string[] = [];

  constructor(system: OpenCrvsSystem, records: OpenCrvsRecords, version: NotificationVersion) {
    super();
    this.#system = system;
    this.#records = records;
    this.#version = version;
  }

  protected override answer(request: ReceivedRequest): PeerReply {
    const [, locationId] = /^\/location\/([^/]+)$/.exec(request.path) ?? [];
    if (request.method === 'GET' && locationId !== undefined) return this.#location(locationId);
    if (`${request.method} ${request.path}` !== 'POST /notification') return frameworkError(404);
    const authentication = this.#system.authenticate(request, 'gateway');
    if ('refusal' in authentication) return authentication.refusal;
    const { scope } = authentication.claims;
    if (!scope.includes('declare') && !scope.includes('notification-api')) {
      return json({ statusCode: 403, error: 'Forbidden', message: 'Insufficient scope' }, 403);
    }
    return this.#notification(request.body);
  }

  /** No token is asked for; a miss comes with status 200, as the store behind it put it. */
  #location(id: string): PeerReply {
    const location = this.#records.read('Location', id);
    return json(location ?? { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] });
  }

  #notification(body: Buffer): PeerReply {
    let payload: unknown;
    try {
      payload = JSON.parse(body.toString('utf8'));
    } catch {
      return frameworkError(400, 'Invalid request payload JSON format');
    }
    const parsed = Document.safeParse(payload);
    if (!parsed.success) return frameworkError(400, `"${parsed.error.issues[0]?.path.join('.')}" is not allowed`);
    const [composition, task] = parsed.data.entry;
    if (task.resource.status !== 'draft') return frameworkError(400, 'Task status should be draft');
    if (task.resource.focus?.reference !== composition.fullUrl) {
      return frameworkError(400, 'Task must reference the composition entry');
    }
    const fault = this.#version === '1.7' ? this.#contentFault(parsed.data) : undefined;
    return fault ?? this.#store(parsed.data);
  }

  #contentFault({ entry: [, task, ...others] }: Document): PeerReply | undefined {
    const office = task.resource.extension?.find(({ url }) => url.endsWith('/extension/regLastOffice'));
    const officeReference = office?.valueReference?.reference;
    if (task.resource.extension === undefined) return frameworkError(400, 'Task extensions not found');
    if (officeReference === undefined) {
      return finding('Could not process the Event Notification, as office id was not provided');
    }
    if (codeOf(this.#resource(officeReference)) !== 'CRVS_OFFICE') {
      return finding(
        `Could not process the Event Notification, as the provided office with id ${officeReference} was not found`,
      );
    }
    const resources = others.map(({ resource }) => resource);
    if (!resources.some(({ resourceType }) => resourceType === 'Patient')) {
      return finding('Could not process the Event Notification, as there were no Person found!');
    }
    const encounter = resources.find(({ resourceType }) => resourceType === 'Encounter');
    if (encounter === undefined) return finding('Encounter entry not found!!');
    const place = Encounter.safeParse(encounter).data?.location[0].location.reference;
    if (place === undefined) return finding('Encounter location not found! in bundle!');
    return this.#resource(place) === undefined ? finding(`Encounter location with id ${place} not found!`) : undefined;
  }

  #resource(reference: string) {
    const [type = '', id = ''] = reference.split('/');
    return this.#records.read(type, id);
  }

  #store({ entry }: Document): PeerReply {
    const kind = codeOf(entry[0].resource)?.startsWith('death-') ? 'death' : 'birth';
    const trackingId = `${kind === 'death' ? 'D' : 'B'}${randomUUID().slice(0, 6).toUpperCase()}`;
    // What has an id is put in the place of what is stored under it.
    const ids = new Map(entry.map(({ fullUrl, resource }) => [fullUrl, String(resource['id'] ?? randomUUID())]));
    const typed = new Map(
      entry.map(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${ids.get(fullUrl)}`]),
    );
    const stored = entry.map(({ fullUrl, resource }) => {
      const local = [...typed].reduce(
        (text, [from, to]) => text.replaceAll(`"${from}"`, `"${to}"`),
        JSON.stringify(resource),
      );
      const identifier = [{ system: `http://opencrvs.org/specs/id/${kind}-tracking-id`, value: trackingId }];
      const own =
        resource.resourceType === 'Task' ? { identifier, code: { coding: [{ code: kind.toUpperCase() }] } } : {};
      return Resource.parse({ ...JSON.parse(local), ...own, id: ids.get(fullUrl) });
    });
    for (const resource of stored) this.#records.store({ ...resource, id: String(resource['id']) });
    this.trackingIds.push(trackingId);
    if (this.#version === '1.7') {
      return json({ resourceType: 'Bundle', type: 'document', entry: stored.map((resource) => ({ resource })) });
    }
    const locations = stored.map(({ resourceType, id }) => `/fhir/${resourceType}/${id}/_history/${randomUUID()}`);
    const answers = locations.map((location) => ({ response: { status: '201', location } }));
    return json({ resourceType: 'Bundle', type: 'transaction-response', entry: answers });
  }
}
