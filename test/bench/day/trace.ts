/** The trace of a working day, as text and back. */
import { readFile } from 'node:fs/promises';

export const AGENTS = 200;
export const ITEMS_EACH = 50;
export const TRACE = new URL('./trace.txt', import.meta.url);

const KINDS = ['new', 'changed', 'closed', 'aside'] as const;
export type Kind = (typeof KINDS)[number];

/** What happens in one minute of the day: items by kind. */
export type Minute = { minute: number; happens: Map<Kind, number[]> };

const BASE = 36;

export function writeTrace(happenings: readonly { minute: number; kind: Kind; item: number }[]): string {
  const lines = [...Map.groupBy(happenings, ({ minute, kind }) => `${String(minute)} ${kind}`)];
  const sorted = lines.sort(([, [a]], [, [b]]) => rank(a) - rank(b));
  return sorted.map(([head, items]) => `${head} ${items.map(({ item }) => item.toString(BASE)).join(' ')}\n`).join('');
}

const rank = (one: { minute: number; kind: Kind } | undefined): number =>
  one === undefined ? 0 : one.minute * KINDS.length + KINDS.indexOf(one.kind);

export async function readTrace(): Promise<Minute[]> {
  const minutes = new Map<number, Minute>();
  for (const line of (await readFile(TRACE, 'utf8')).trimEnd().split('\n')) {
    const [minute, kind, ...items] = line.split(' ');
    const known = KINDS.find((one) => one === kind);
    if (known === undefined) throw new Error(`the trace says ${String(kind)}`);
    const at = Number(minute);
    const found = minutes.get(at) ?? { minute: at, happens: new Map() };
    found.happens.set(
      known,
      items.map((item) => Number.parseInt(item, BASE)),
    );
    minutes.set(at, found);
  }
  return [...minutes.values()];
}
