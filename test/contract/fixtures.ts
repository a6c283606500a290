/** The recorded payloads of a bot's folder, found by name: `x.in.json` gives the items of `x.items.json`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Fixture = { name: string; payload: unknown; items: unknown };

export function fixturesOf(folder: string): Fixture[] {
  const path = join(folder, 'fixtures');
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith('.in.json'))
    .map((file) => {
      const name = file.slice(0, -'.in.json'.length);
      const items = join(path, `${name}.items.json`);
      return { name, payload: readJson(join(path, file)), items: existsSync(items) ? readJson(items) : [] };
    });
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Every way to take one member out of a payload, or to make it something else. */
export function* mutations(payload: unknown): Generator {
  yield* [null, undefined, [], {}, 42, '', 'texte', [payload, payload], [[]], { deep: { deep: payload } }];
  if (typeof payload !== 'object' || payload === null) return;
  for (const place of places(payload, [])) {
    for (const other of [undefined, null, '', 'texte', 0, -1, 1e300, true, [], {}, '\u0000', 'x'.repeat(5000)])
      yield replaced(payload, place, other);
  }
}

type Place = readonly (string | number)[];

function* places(value: unknown, at: Place): Generator<Place> {
  if (typeof value !== 'object' || value === null || at.length > 4) return;
  for (const [name, member] of Object.entries(value)) {
    const place = [...at, Array.isArray(value) ? Number(name) : name];
    yield place;
    yield* places(member, place);
  }
}

function replaced(value: unknown, [first, ...rest]: Place, other: unknown): unknown {
  if (first === undefined) return other;
  const copy: unknown = structuredClone(value);
  if (typeof copy !== 'object' || copy === null) return copy;
  const member = replaced(Reflect.get(copy, first), rest, other);
  if (member === undefined) Reflect.deleteProperty(copy, first);
  else Reflect.set(copy, first, member);
  return copy;
}
