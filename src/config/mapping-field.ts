import { z } from 'zod';

/** A node of JSONata's syntax tree that makes an object: pairs of a member's name and its value. */
const ObjectMaker = z.object({
  type: z.literal('unary'),
  value: z.literal('{'),
  lhs: z.array(z.tuple([z.unknown(), z.unknown()])),
});
const MemberName = z.object({ type: z.literal('string'), value: z.string() });

const partsOf = (node: unknown): unknown[] => (typeof node === 'object' && node !== null ? Object.values(node) : []);

function holds(node: unknown, position: number): boolean {
  const isThere = typeof node === 'object' && node !== null && 'position' in node && node.position === position;
  return isThere || partsOf(node).some((part) => holds(part, position));
}

/** Whether a name or a text in the syntax tree is this one; comments are not in the tree. */
export function names(node: unknown, member: string): boolean {
  const isNamed = typeof node === 'object' && node !== null && 'value' in node && node.value === member;
  return isNamed || partsOf(node).some((part) => names(part, member));
}

/**
 * The member in whose value something stands, by its position in the text; the outermost one where members are nested,
 * undefined where it is in none, e.g. in a function that members call.
 */
export function fieldAt(tree: unknown, position: number): string | undefined {
  const maker = ObjectMaker.safeParse(tree);
  if (!maker.success) {
    for (const part of partsOf(tree)) {
      const found = fieldAt(part, position);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const [name] = maker.data.lhs.find(([, value]) => holds(value, position)) ?? [];
  return MemberName.safeParse(name).data?.value;
}
