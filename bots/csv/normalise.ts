/** Rows of one object → an item, as the declaration says. Rows that differ only in whom they are for are one item for all of them. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { NBSP, quote } from '#desk/words/typography.ts';
import { type At, type ItemDraft, type Normalised, NOTHING, type Payload, type Rejection, reject } from '../bot.ts';
import { readDeclared } from '../declared.ts';
import { keyOf } from './client.ts';
import type { Config } from './config.ts';

const File = z.object({ file: z.string().max(300) });
const Broken = File.extend({ fault: z.string().min(1).max(2000) });
const Row = z.object({ line: z.int().min(0), values: z.record(z.string(), z.string()), fault: z.string().min(1).optional() });
const Group = File.extend({ rows: z.array(Row).min(1) });

export function normalise(payload: Payload, { config, timeZone }: At<Config>): Normalised {
  if (!File.safeParse(payload).success) return NOTHING;
  const broken = Broken.safeParse(payload).data;
  if (broken !== undefined) return reject(`${broken.file}${NBSP}: ${broken.fault}`);
  const group = Group.safeParse(payload).data;
  if (group === undefined) return reject('lignes illisibles', '/rows');
  const rejected: Rejection[] = [];
  let item: ItemDraft | undefined;
  for (const row of group.rows) {
    const key = row.fault === undefined ? keyOf(row, config) : '';
    const source = { key, kind: config.kind, values: row.values };
    const read = row.fault === undefined ? readDeclared(source, config.columns, timeZone) : { faults: [row.fault] };
    const faults = 'faults' in read ? read.faults : conflict(item, read);
    if (!('faults' in read) && faults.length === 0)
      item = { ...read, people: [...(item?.people ?? []), ...(read.people ?? [])].slice(0, 50) };
    const where = `${group.file}, ligne ${row.line}${NBSP}: `;
    rejected.push(...faults.map((fault) => ({ reason: where + fault, ...(key !== '' && key.length <= 200 && { key }) })));
  }
  return { items: item === undefined ? [] : [item], rejected };
}

function conflict(item: ItemDraft | undefined, read: ItemDraft): string[] {
  if (item === undefined || isDeepStrictEqual({ ...item, people: [] }, { ...read, people: [] })) return [];
  return [`l’identifiant ${quote(read.key)} est déjà plus haut, dans une ligne qui dit autre chose`];
}
