import { z } from 'zod';

export const StoredPatient = z.looseObject({
  resourceType: z.literal('Patient'),
  id: z.string().min(1),
  identifier: z.array(z.looseObject({ type: z.unknown().optional(), value: z.unknown().optional() })).optional(),
});
export type StoredPatient = z.infer<typeof StoredPatient>;

/** Any other resource: stored and read, never searched. */
const StoredResource = z.looseObject({ resourceType: z.string().min(1), id: z.string().min(1) });
export type StoredResource = z.infer<typeof StoredResource>;

const Bundle = z.object({
  resourceType: z.literal('Bundle'),
  entry: z.array(z.object({ resource: z.unknown().optional() })),
});
const Webhook = z.object({ event: z.object({ context: z.array(Bundle) }) });

/** The Patients that an OpenCRVS holds, and the other resources of their records. */
export class OpenCrvsRecords {
  readonly #patients = new Map<string, StoredPatient>();
  readonly #others = new Map<string, StoredResource>();

  /** Takes in the resources of a bundle or of a webhook body; those that are there already stay as they are. */
  load(payload: unknown): void {
    const webhook = Webhook.safeParse(payload);
    const bundles = webhook.success ? webhook.data.event.context : [Bundle.parse(payload)];
    for (const { resource } of bundles.flatMap((bundle) => bundle.entry)) {
      const patient = StoredPatient.safeParse(resource);
      if (patient.success && !this.#patients.has(patient.data.id)) this.put(patient.data);
      const other = StoredResource.safeParse(resource);
      if (!patient.success && other.success) this.store(other.data);
    }
  }

  /** A resource by type and id. */
  read(type: string, id: string): StoredResource | undefined {
    return type === 'Patient' ? this.#patients.get(id) : this.#others.get(`${type}/${id}`);
  }

  store(resource: StoredResource): void {
    const patient = StoredPatient.safeParse(resource);
    if (patient.success) this.put(patient.data);
    else this.#others.set(`${resource.resourceType}/${resource.id}`, resource);
  }

  forget(type: string, id: string): void {
    this.#others.delete(`${type}/${id}`);
    if (type === 'Patient') this.#patients.delete(id);
  }

  get(id: string): StoredPatient | undefined {
    return this.#patients.get(id);
  }

  put(patient: StoredPatient): void {
    this.#patients.set(patient.id, patient);
  }

  /** The Patients that have an identifier with this value, whatever its type. */
  search(value: string): StoredPatient[] {
    return [...this.#patients.values()].filter(({ identifier }) => identifier?.some((entry) => entry.value === value));
  }
}
