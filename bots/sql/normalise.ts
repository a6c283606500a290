/** Rows of one object → an item, as the declaration says. */
import { z } from 'zod';
import { NBSP, quote } from '#desk/words/typography.ts';
import { clockOf, dayOf } from '#desk/zone.ts';
import { type At, type ItemDraft, type Normalised, NOTHING, type Payload, reject } from '../bot.ts';
import { valueOf } from '../declared.ts';
import { keyOf, readRows, type SourceRow } from '../rows.ts';
import { type Revised, readRevision } from '../since.ts';
import type { Config } from './config.ts';

const Of = z.object({ view: z.string().max(300) });
const Broken = Of.extend({ fault: z.string().min(1).max(2000) });
const Row = z.object({ values: z.record(z.string(), z.string()) });
const Group = Of.extend({ rows: z.array(Row).min(1) });

export function normalise(payload: Payload, { config, timeZone: own }: At<Config>): Normalised {
  if (!Of.safeParse(payload).success) return NOTHING;
  const broken = Broken.safeParse(payload).data;
  if (broken !== undefined) return reject(`${broken.view}${NBSP}: ${broken.fault}`);
  const group = Group.safeParse(payload).data;
  if (group === undefined) return reject('lignes illisibles', '/rows');
  const { kind, columns, timeZone = own } = config;
  const where = (row: SourceRow): string => [group.view, ...[keyOf(row, columns)].filter((key) => key !== '').map(quote)].join(', ');
  const revisionOf = ({ values }: SourceRow): Revised =>
    columns.revision === undefined ? {} : readRevision(valueOf(values, columns.revision), timeZone);
  const rows = group.rows.map((row) => {
    const { fault } = revisionOf(row);
    // Of a whole view the moment of the sweep counts then.
    return { ...row, ...(fault !== undefined && !config.whole && { fault: `${fault} (${quote(columns.revision ?? '')})` }) };
  });
  const more = (row: SourceRow, { dueAt }: ItemDraft): Partial<ItemDraft> => {
    const [{ revision }, day] = [revisionOf(row), midnight(dueAt, valueOf(row.values, columns.due ?? ''), timeZone)];
    return { ...(revision !== undefined && { revision }), ...(day !== undefined && { dueAt: day }) };
  };
  return readRows(rows, { kind, columns, timeZone, where, more });
}

/** A day that was picked is kept by its first moment. A time without a zone was read like that already. */
function midnight(dueAt: string | undefined, said: string, timeZone: string): string | undefined {
  const ms = /^\d{4}-\d\d-\d\dT.*Z$/.test(said) ? Date.parse(dueAt ?? '') : Number.NaN;
  const { hour, minute } = Number.isNaN(ms) ? { hour: -1, minute: -1 } : clockOf(ms, timeZone);
  return hour === 0 && minute === 0 && ms % 60_000 === 0 ? dayOf(ms, timeZone) : undefined;
}
