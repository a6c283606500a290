/**
 * Where something is wrong, as RFC 6901 pointers that tell nothing a sender chose: names the contract does not know
 * appear as `*`. Which names are known is read from the JSON Schema of the event itself.
 */
import { eventSchema, type JsonSchema } from './schema.ts';
import type { Path } from './json.ts';

/** A pointer into one event; `index` is its place in a batch. */
export function pointer(path: Path, index?: number): string {
  const segments: string[] = index === undefined ? [] : [String(index)];
  let at: Shape | undefined = SHAPE;
  for (const part of path) {
    const isKnown: boolean = typeof part === 'number' || at?.members.has(part) === true;
    segments.push(isKnown ? escape(String(part)) : '*');
    at = typeof part === 'number' ? at?.element : (at?.members.get(part) ?? at?.other);
  }
  return segments.map((segment) => `/${segment}`).join('');
}

/** How many members of `data` the contract does not know. */
export function countUnknown(event: unknown): number {
  const data = typeof event === 'object' && event !== null && 'data' in event ? event.data : undefined;
  return countIn(data, SHAPE.members.get('data'));
}

function countIn(value: unknown, shape: Shape | undefined): number {
  if (shape === undefined || typeof value !== 'object' || value === null) {
    return 0;
  }
  if (Array.isArray(value)) {
    return value.reduce((sum: number, element: unknown) => sum + countIn(element, shape.element), 0);
  }
  let count = 0;
  for (const [name, member] of Object.entries(value)) {
    const inner = shape.members.get(name) ?? shape.other;
    count += inner === undefined ? 1 : countIn(member, inner);
  }
  return count;
}

/** What the contract knows below one place: its members, the elements of an array, the members a sender names. */
type Shape = { members: Map<string, Shape>; element: Shape | undefined; other: Shape | undefined };

type Node = JsonSchema | boolean | undefined;

function shapeOf(node: Node): Shape {
  const shape: Shape = { members: new Map(), element: undefined, other: undefined };
  if (typeof node !== 'object') {
    return shape;
  }
  for (const [name, member] of Object.entries(node.properties ?? {})) {
    shape.members.set(name, shapeOf(member));
  }
  if (node.items !== undefined && !Array.isArray(node.items)) shape.element = shapeOf(node.items);
  if (typeof node.additionalProperties === 'object') shape.other = shapeOf(node.additionalProperties);
  for (const alternative of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) {
    merge(shape, shapeOf(alternative));
  }
  return shape;
}

function merge(into: Shape, from: Shape): void {
  for (const [name, member] of from.members) {
    const known = into.members.get(name);
    if (known) merge(known, member);
    else into.members.set(name, member);
  }
  into.element = mergeOptional(into.element, from.element);
  into.other = mergeOptional(into.other, from.other);
}

function mergeOptional(into: Shape | undefined, from: Shape | undefined): Shape | undefined {
  if (into && from) merge(into, from);
  return into ?? from;
}

const SHAPE = shapeOf(eventSchema);

/** RFC 6901 §3. */
function escape(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}
