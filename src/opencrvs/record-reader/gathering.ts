import { openBundle, type RecordBundle, referencedId } from '../readers/bundle.js';
import type { ResourceType } from '../readers/resources.js';

/** Where a resource that was not sent can be had; undefined when it is not there. */
export type ReadResource = (type: ResourceType, id: string) => Promise<unknown>;

/** A record that grows: the entries that were sent, and those that were read besides. */
export interface Gathering {
  /** All entries, for a reader. */
  readonly payload: { readonly resourceType: 'Bundle'; readonly entry: readonly unknown[] };
  readonly hasGrown: boolean;
  /** The entries as they can be understood. */
  open(): RecordBundle;
  /** Sees to it that what the reference points to is there, if it can be had. */
  include(type: ResourceType, reference: string | undefined): Promise<void>;
}

/** `sent` are the entries of a FHIR Bundle. */
export function createGathering(sent: readonly unknown[], read: ReadResource): Gathering {
  const added: unknown[] = [];
  const payload = () => ({ resourceType: 'Bundle' as const, entry: [...sent, ...added] });
  const open = (): RecordBundle => {
    const bundle = openBundle(payload());
    if (bundle === undefined) throw new TypeError('a Bundle with entries is always one');
    return bundle;
  };
  return {
    get payload() {
      return payload();
    },
    get hasGrown() {
      return added.length > 0;
    },
    open,
    async include(type, reference) {
      const id = referencedId(type, reference);
      if (id === undefined || open().find(type, reference) !== undefined) return;
      const resource = await read(type, id);
      if (resource !== undefined) added.push({ resource });
    },
  };
}
