/**
 * What sources of rows (dropped files, views) have in common: which columns say which object a row is about and whose it is,
 * and rows of one object → one item. Rows that differ only in whom they are for are one item for all of them.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { NBSP, quote } from '#desk/words/typography.ts';
import type { Manifest, Normalised } from './bot.ts';
import { Declared, MOST_PEOPLE, namesOf, readDeclared, tooMany, type Values, valueOf } from './declared.ts';
import type { ItemDraft, Rejection } from './draft.ts';
import { foldName } from './table.ts';

const KINDS: Readonly<Record<string, Omit<Manifest['kinds'][number], 'id'>>> = {
  ligne: { label: 'Ligne' },
  demande: { label: 'Demande' },
  absence: { label: 'Demande d’absence', neutral: 'Une demande d’absence attend votre décision' },
  'document-rh': { label: 'Document RH', neutral: 'Un document RH vous attend', personal: true },
  marche: { label: 'Marché public' },
  facture: { label: 'Facture' },
};

/** The kinds of rows, for the manifests of those that read them. */
export const MANIFEST_KINDS: Manifest['kinds'] = Object.entries(KINDS).map(([id, kind]) => ({ id, ...kind }));

export const column = z.string().min(1).max(200);

export const RowColumns = z.strictObject({
  ...Declared.shape,
  id: z.union([column, z.array(column).min(1).max(5)]).describe('Colonne(s) de l’identifiant, le même d’une lecture à l’autre'),
  organisation: z
    .strictObject({
      column: column.describe('Colonne de l’organisation'),
      values: z.array(column).max(50).describe('Celles de cette connexion'),
    })
    .optional()
    .describe('Pour une source commune à plusieurs organisations : les lignes des autres sont ignorées'),
});
export type RowColumns = z.infer<typeof RowColumns>;

export const RowKind = z
  .enum(Object.keys(KINDS))
  .default('ligne')
  .describe('Sorte d’objet ; « absence » et « document-rh » ne montrent qu’un titre neutre');

export function rowColumns(columns: RowColumns): string[] {
  const { id, organisation } = columns;
  return [...new Set([...[id].flat(), ...(organisation === undefined ? [] : [organisation.column]), ...namesOf(columns)])];
}

/** A `fault` is a row that is known to be there and cannot be used. */
export type SourceRow = { values: Values; fault?: string | undefined };

/** Empty when a part of it is. */
export function keyOf({ values }: SourceRow, { id }: RowColumns): string {
  const parts = [id].flat().map((name) => valueOf(values, name));
  return parts.includes('') ? '' : parts.join('/');
}

/** Rows of one object together, in their order; a row that says of no object which it is stands alone. Those of others are left out. */
export function groupRows<Row extends SourceRow>(
  rows: readonly Row[],
  columns: RowColumns,
  alone: (row: Row) => string,
): Map<string, Row[]> {
  const own = rows.filter((row) => isOwn(row, columns));
  return Map.groupBy(own, (row) => (row.fault === undefined && keyOf(row, columns)) || alone(row));
}

function isOwn({ values, fault }: SourceRow, { organisation }: RowColumns): boolean {
  if (organisation === undefined || fault !== undefined) return true;
  return organisation.values.some((name) => foldName(name) === foldName(valueOf(values, organisation.column)));
}

type Reading<Row> = {
  kind: string;
  columns: RowColumns;
  timeZone: string;
  where: (row: Row) => string;
  /** What else the source knows of this row. */
  more?: (row: Row, item: ItemDraft) => Partial<ItemDraft>;
};

/** Of one object. */
export function readRows<Row extends SourceRow>(
  rows: readonly Row[],
  { kind, columns, timeZone, where, more = () => ({}) }: Reading<Row>,
): Normalised {
  const rejected: Rejection[] = [];
  let item: ItemDraft | undefined;
  for (const row of rows) {
    const key = row.fault === undefined ? keyOf(row, columns) : '';
    const source = { key, kind, values: row.values };
    const read = row.fault === undefined ? readDeclared(source, columns, timeZone) : { faults: [row.fault] };
    const whole = 'faults' in read ? read : { ...read, ...more(row, read) };
    const faults = 'faults' in whole ? whole.faults : conflict(item, whole);
    if (!('faults' in whole) && faults.length === 0) item = { ...whole, people: [...(item?.people ?? []), ...(whole.people ?? [])] };
    rejected.push(
      ...faults.map((fault) => ({ reason: `${where(row)}${NBSP}: ${fault}`, ...(key !== '' && key.length <= 200 && { key }) })),
    );
  }
  return { items: item === undefined ? [] : [item], rejected };
}

function conflict(item: ItemDraft | undefined, read: ItemDraft): string[] {
  if (item === undefined) return [];
  if (isDeepStrictEqual({ ...item, people: [] }, { ...read, people: [] }))
    return (item.people?.length ?? 0) + (read.people?.length ?? 0) > MOST_PEOPLE ? [tooMany()] : [];
  return [`l’identifiant ${quote(read.key)} est déjà plus haut, dans une ligne qui dit autre chose`];
}
