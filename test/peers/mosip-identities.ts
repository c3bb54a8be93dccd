import { randomInt } from 'node:crypto';

/** MOSIP's statuses of a VID. */
export type VidStatus = 'ACTIVE' | 'REVOKED' | 'EXPIRED' | 'USED' | 'INVALIDATED' | 'DEACTIVATED';

/** A person as the identity repository holds it, with one VID. */
export interface MosipPerson {
  readonly vid: string;
  readonly vidStatus: VidStatus;
  readonly uin: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly status: 'ACTIVATED' | 'DEACTIVATED' | 'BLOCKED';
}

const digits = (length: number): string => Array.from({ length }, () => randomInt(10)).join('');

/** The identity repository, as far as packets change it (reference/mosip.md 4). */
export class MosipIdentities {
  readonly #byUin = new Map<string, MosipPerson>();
  readonly #uinByVid = new Map<string, string>();

  /** The person who has this UIN or VID. */
  find(number: string | undefined): MosipPerson | undefined {
    return this.#byUin.get(this.#uinByVid.get(number ?? '') ?? number ?? '');
  }

  make(fields: MosipPerson['fields']): MosipPerson {
    const person: MosipPerson = {
      vid: digits(16),
      vidStatus: 'ACTIVE',
      uin: digits(10),
      fields,
      status: 'ACTIVATED',
    };
    this.#byUin.set(person.uin, person);
    this.#uinByVid.set(person.vid, person.uin);
    return person;
  }

  /** Changes what is given; the rest of the fields stays. */
  update(person: MosipPerson, fields: MosipPerson['fields']): void {
    this.#byUin.set(person.uin, { ...person, fields: { ...person.fields, ...fields } });
  }

  setStatus(person: MosipPerson, status: MosipPerson['status']): void {
    this.#byUin.set(person.uin, { ...person, status });
  }

  setVidStatus(person: MosipPerson, vidStatus: VidStatus): void {
    this.#byUin.set(person.uin, { ...person, vidStatus });
  }

  /** The person who was made with this number of a birth registration as a handle. */
  findByCertificate(number: string): MosipPerson | undefined {
    return [...this.#byUin.values()].find(({ fields }) => fields['birthCertificateNumber'] === number);
  }
}
