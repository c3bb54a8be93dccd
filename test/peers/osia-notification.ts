import { randomUUID } from 'node:crypto';
import { z } from 'zod';

const Uin = z.string().min(1);
const Source = z.string().min(1);

/** What may be told under a name (OSIA 7.1, notification messages). */
const MESSAGES = {
  liveBirth: z.strictObject({ source: Source, uin: Uin, uin1: Uin.optional(), uin2: Uin.optional() }),
  death: z.strictObject({ source: Source, uin: Uin }),
  birthCancellation: z.strictObject({ source: Source, uin: Uin }),
} as const;

const isName = (name: string): name is keyof typeof MESSAGES => name in MESSAGES;

export interface Published {
  readonly topic: string;
  readonly subject: string | undefined;
  readonly message: unknown;
}

/** OSIA's notification engine, as far as publishers see it. */
export class OsiaNotification {
  readonly published: Published[] = [];
  readonly #topics = new Map<string, string>();

  /** The same topic each time. */
  topic(name: string): { readonly uuid: string; readonly name: string } {
    const known = [...this.#topics].find(([, own]) => own === name)?.[0];
    const uuid = known ?? randomUUID();
    this.#topics.set(uuid, name);
    return { uuid, name };
  }

  get topics(): readonly string[] {
    return [...this.#topics.values()];
  }

  /** As an administrator does it. */
  deleteTopics(): void {
    this.#topics.clear();
  }

  /** Undefined once it is published; otherwise what is wrong. */
  publish(uuid: string, subject: string | undefined, text: string): 'no-topic' | 'no-message' | undefined {
    const topic = this.#topics.get(uuid);
    if (topic === undefined) return 'no-topic';
    const message: unknown = JSON.parse(text);
    if (!isName(topic) || !MESSAGES[topic].safeParse(message).success) return 'no-message';
    this.published.push({ topic, subject, message });
    return undefined;
  }
}
