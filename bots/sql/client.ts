/** The view: the whole of it, or what changed, as rows of one object together. */
import { DeskError } from '#desk/errors.ts';
import { NBSP, quote } from '#desk/words/typography.ts';
import type { Ctx, Cursor, Payload, Swept } from '../bot.ts';
import type { Select, SqlAccess, SqlTable, View } from '../io.ts';
import { groupRows } from '../rows.ts';
import { placesOf } from '../table.ts';
import { columnsOf, type Config, orderOf } from './config.ts';
import { nextOf, startOf } from '../since.ts';

type Here = Ctx<Config, unknown>;
/** `names`: of the columns there, by those that are declared. */
type Found = { table: SqlTable; names: ReadonlyMap<string, string> };

const MOST_ROWS = 100_000; // of a whole view
const LOOK_ROWS = 10_000; // of changes at once; the next look follows

export function checkView(ctx: Here): Promise<void> {
  return ctx.io.sql.visit(accessOf(ctx), async (view) => {
    const found = await findView(view, ctx.config);
    if ('fault' in found) throw unusable(found.fault);
    await rowsOf(view, found, { config: ctx.config, most: 1 });
  });
}

export function readView(ctx: Here, cursor?: Cursor): Promise<Swept> {
  const { io, config } = ctx;
  return io.sql.visit(accessOf(ctx), async (view) => {
    const found = await findView(view, config);
    if ('fault' in found)
      return { payloads: [{ view: config.view, fault: found.fault }], complete: false, cursor, fault: unusable(found.fault) };
    return config.whole ? readWhole(view, found, config) : readChanges(view, found, { ctx, cursor });
  });
}

const unusable = (fault: string): DeskError => new DeskError('config', `The view cannot be used: ${fault}`);
const zoneOf = ({ config, timeZone }: Here): string => config.timeZone ?? timeZone;

function accessOf(ctx: Here): SqlAccess {
  const { user, password, tls, ca } = ctx.config;
  return { user, password, tls, ca, timeZone: zoneOf(ctx) };
}

async function findView(view: View, config: Config): Promise<Found | { fault: string }> {
  const named = quote(config.view);
  const tables = await view.find(config.view);
  const exact = tables.filter(({ schema, name }) => [name, `${schema}.${name}`].includes(config.view));
  const [table, other] = exact.length > 0 ? exact : tables;
  if (table === undefined) return { fault: `la vue ${named} n’est pas là, ou ce compte ne la voit pas` };
  if (other !== undefined) return { fault: `plusieurs vues se nomment ${named}${NBSP}: indiquez le schéma, ou les majuscules` };
  if (table.columns.length === 0) return { fault: `la vue ${named} est là, mais ne peut pas être lue` };
  const places = placesOf(table.columns, columnsOf(config), `la vue ${named}`);
  if ('fault' in places) return places;
  return { table, names: new Map([...places].map(([name, place]) => [name, table.columns[place] ?? name])) };
}

type Read = { config: Config; most: number; order?: string[]; from?: Select['from'] };

/** In the order of `columnsOf`, as they stand there. */
function rowsOf(view: View, { table, names }: Found, { config, order, from, most }: Read): Promise<string[][]> {
  const there = (name: string): string => names.get(name) ?? name;
  const columns = columnsOf(config).map(there);
  return view.select({ table, columns, most, ...(order && { order: order.map(there) }), ...(from && { from }) });
}

/** Blanks at the end are those of a CHAR. */
function payloadsOf(rows: readonly string[][], config: Config): Payload[] {
  const declared = columnsOf(config);
  const named = rows.map((row) => ({ values: Object.fromEntries(declared.map((name, place) => [name, (row[place] ?? '').trim()])) }));
  const groups = groupRows(named, config.columns, ({ values }) => JSON.stringify(values));
  return [...groups.values()].map((group) => ({ view: config.view, rows: group }));
}

async function readWhole(view: View, found: Found, config: Config): Promise<Swept> {
  const rows = await rowsOf(view, found, { config, most: MOST_ROWS + 1 });
  if (rows.length > MOST_ROWS) throw new DeskError('invalid', `SQL: the view has more than ${MOST_ROWS} rows`);
  return { payloads: payloadsOf(rows, config), complete: true };
}

async function readChanges(view: View, found: Found, { ctx, cursor }: { ctx: Here; cursor: Cursor }): Promise<Swept> {
  const { config } = ctx;
  const order = orderOf(config);
  const of = JSON.stringify([config.server, config.view, order]);
  const from = startOf(cursor, { of, overlap: config.overlap });
  const rows = await rowsOf(view, found, { config, order, most: LOOK_ROWS, ...(from && { from }) });
  const isFull = rows.length === LOOK_ROWS;
  const place = (name: string): number => columnsOf(config).indexOf(name);
  const places = rows.map((row) => {
    const [at = '', ...ids] = order.map((name) => row[place(name)] ?? '');
    return { revision: at.trim(), ids };
  });
  const next = nextOf(cursor, { of, places, isFull, nowMs: await view.now(), timeZone: zoneOf(ctx) });
  // Of the last object more rows may follow: it comes again, with all of them.
  const idsOf = (index: number): string => JSON.stringify(places[index]?.ids);
  const known = isFull ? rows.filter((_, index) => idsOf(index) !== idsOf(rows.length - 1)) : rows;
  return { payloads: payloadsOf(known, config), complete: false, cursor: next, ...(isFull && { againMs: 0 }) };
}
