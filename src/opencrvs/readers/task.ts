import type { Informant, RegistrationKind } from '../../vital-events/index.js';
import { type RecordBundle, referencedId } from './bundle.js';
import { extensionText, type Task } from './resources.js';

/** What the Task says about its record (reference/opencrvs.md section 4.2). */
export interface TaskFacts {
  /** Undefined for what is neither a birth nor a death. */
  readonly kind: RegistrationKind | undefined;
  readonly trackingId: string | undefined;
  /** Each once: none means that the record is not registered yet, two contradict each other. */
  readonly registrationNumbers: readonly string[];
  /** Reference to the record's Composition. */
  readonly focus: string | undefined;
  readonly recordId: string | undefined;
  readonly changedAt: string | undefined;
  /** The person whom OpenCRVS tells about the record: the informant, as far as the Task knows. */
  readonly contact: Omit<Informant, 'person'>;
}

const KINDS: ReadonlyMap<string, RegistrationKind> = new Map([
  ['BIRTH', 'birth'],
  ['DEATH', 'death'],
]);

function identifiers(task: Task, name: string): string[] {
  const system = `http://opencrvs.org/specs/id/${name}`;
  return [...new Set(task.identifier.filter((entry) => entry.system === system).map((entry) => entry.value))];
}

function factsOf(task: Task, expected: RegistrationKind | undefined): TaskFacts {
  const kind = task.code === undefined ? expected : KINDS.get(task.code);
  return {
    kind,
    trackingId: identifiers(task, `${kind}-tracking-id`)[0],
    registrationNumbers: identifiers(task, `${kind}-registration-number`),
    focus: task.focus,
    recordId: referencedId('Composition', task.focus),
    changedAt: task.lastModified,
    contact: {
      relationship:
        extensionText(task.extension, 'contact-relationship') ?? extensionText(task.extension, 'contact-person'),
      phone: extensionText(task.extension, 'contact-person-phone-number'),
      email: extensionText(task.extension, 'contact-person-email'),
    },
  };
}

/**
 * Reads the Task of a record, of several the first that carries a registration number. `expected` is the kind of event
 * that the sender announced; it counts where the Task does not say. Undefined without a Task.
 */
export function readTask(bundle: RecordBundle, expected: RegistrationKind | undefined): TaskFacts | undefined {
  const tasks = bundle.all('Task').map((task) => factsOf(task, expected));
  return tasks.find(({ registrationNumbers }) => registrationNumbers.length > 0) ?? tasks[0];
}
