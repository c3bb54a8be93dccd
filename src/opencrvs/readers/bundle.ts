import { z } from 'zod';
import { listOf, optional, Text } from './lenient.js';
import { Resource, type ResourceType } from './resources.js';

export type ResourceOf<T extends ResourceType> = Extract<Resource, { resourceType: T }>;

/** The resources of one record, each once, by type and by reference. */
export interface RecordBundle {
  /** In the order of the bundle. */
  all<T extends ResourceType>(type: T): ResourceOf<T>[];
  /** The only resource of its type; undefined when there are none or several. */
  only<T extends ResourceType>(type: T): ResourceOf<T> | undefined;
  /** What a reference points to; undefined when it dangles or points to another type. */
  find<T extends ResourceType>(type: T, reference: string | undefined): ResourceOf<T> | undefined;
}

const Bundle = z.object({ resourceType: z.literal('Bundle'), entry: z.array(z.unknown()) });

const Entries = listOf(z.object({ fullUrl: optional(Text), resource: Resource }));

/** The element of a list that has one; undefined for any other list. */
export function only<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}

/** `Type/id` out of a relative or absolute reference, with or without `/_history/<version>`; a URN stays as it is. */
function keyOf(reference: string): string {
  const [current = ''] = reference.split('/_history/');
  return current.split('/').slice(-2).join('/');
}

/** The id in a reference to a resource of `type`. */
export function referencedId(type: ResourceType, reference: string | undefined): string | undefined {
  const [named, id] = keyOf(reference ?? '').split('/');
  return named === type && id !== '' ? id : undefined;
}

/**
 * Indexes a FHIR Bundle; undefined when the payload is none. Entries that hold no known resource are left out, and of
 * several copies of a resource the first counts: OpenCRVS 1.0-1.4 sends the n-th subscriber n copies
 * (reference/opencrvs.md section 3.6).
 */
export function openBundle(payload: unknown): RecordBundle | undefined {
  const parsed = Bundle.safeParse(payload);
  if (!parsed.success) return undefined;

  const resources: Resource[] = [];
  const byKey = new Map<string, Resource>();
  for (const { fullUrl, resource } of Entries.parse(parsed.data.entry)) {
    const key = resource.id === undefined ? undefined : `${resource.resourceType}/${resource.id}`;
    const address = fullUrl === undefined ? undefined : keyOf(fullUrl);
    const identity = key ?? address;
    if (identity !== undefined && byKey.has(identity)) continue;
    resources.push(resource);
    if (key !== undefined) byKey.set(key, resource);
    if (address !== undefined && !byKey.has(address)) byKey.set(address, resource);
  }

  const isOf = <T extends ResourceType>(type: T, resource: Resource): resource is ResourceOf<T> =>
    resource.resourceType === type;
  const all = <T extends ResourceType>(type: T): ResourceOf<T>[] =>
    resources.filter((resource): resource is ResourceOf<T> => isOf(type, resource));

  return {
    all,
    only: (type) => only(all(type)),
    find(type, reference) {
      const resource = reference === undefined ? undefined : byKey.get(keyOf(reference));
      return resource !== undefined && isOf(type, resource) ? resource : undefined;
    },
  };
}
