/** A table as tools export it, bytes → rows by declared column names: encodings, separators, quotes. Pure; what cannot be read is said. */
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { nearest } from '#desk/nearest.ts';
import { list, NBSP, NNBSP, quote } from '#desk/words/typography.ts';

export const ENCODINGS = ['auto', 'utf-8', 'windows-1252', 'utf-16le', 'utf-16be'] as const;
export const SEPARATORS = ['auto', ';', ',', 'tab'] as const;
export type TableForm = {
  encoding: (typeof ENCODINGS)[number];
  separator: (typeof SEPARATORS)[number];
  columns: readonly string[];
  /** Those by which a row is known, however its spaces and accents are written. */
  ids?: readonly string[];
};

/** `values` by the declared names. A `fault` is a row that is known to be there and cannot be used. */
export type Row = { line: number; values: Record<string, string>; fault?: string };
export type Table = { rows: Row[] } | { fault: string };

const MOST_ROWS = 100_000;

/** Names and states are compared as people read them: no accents, no capitals, one kind of space and apostrophe. */
export function fold(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}|\uFEFF/gu, '');
  return plain
    .replace(/[\s\u2019']+/gu, ' ')
    .trim()
    .toLowerCase();
}

/** Names of organisations: « Ville-Claire », « VILLE CLAIRE ». */
export function foldName(text: string): string {
  return fold(text.replace(/[^\p{L}\p{N}\p{M}]+/gu, ' '));
}

export function readTable(bytes: Uint8Array, form: TableForm): Table {
  const text = decode(Buffer.from(bytes), form.encoding);
  if (typeof text === 'object') return text;
  if (isHollow(text)) return { fault: `zone vide dans le fichier${NBSP}: il n’est pas encore entier, ou abîmé` };
  if (text.trim() === '') return { fault: 'fichier vide, sans ligne d’en-tête' };
  const parsed = parseRecords(text, form);
  if ('fault' in parsed) return parsed;
  const filled = parsed.records.filter(({ record }) => record.some((cell) => cell.trim() !== ''));
  const at = headerAt(filled, form.columns);
  const [header, ...records] = filled.slice(at);
  if (header === undefined) return { fault: 'pas de ligne d’en-tête' };
  if (records.length > MOST_ROWS) return { fault: `plus de ${MOST_ROWS} lignes` };
  const places = placesOf(header.record, form.columns, 'l’en-tête');
  if ('fault' in places) return places;
  const { ids = [] } = form;
  while (isTotal(records.at(-1)?.record ?? [], places, ids)) records.pop();
  const of = { width: header.record.length, delimiter: parsed.delimiter, ids };
  return { rows: [...records.map((one) => rowOf(one, places, of)), ...parsed.skipped] };
}

const MOST_ABOVE = 10; // lines

/** Reports have their title above the header: it is the line that has most of the columns. */
function headerAt(records: readonly Read[], columns: readonly string[]): number {
  const found = records.slice(0, MOST_ABOVE).map(({ record }) => columnsIn(record, columns));
  return Math.max(found.indexOf(Math.max(...found)), 0);
}

/** How many of the declared ones a line names. */
function columnsIn(record: readonly string[], columns: readonly string[]): number {
  const names = record.map(fold);
  return columns.filter((name) => names.includes(fold(name))).length;
}

const TOTAL = /^(totaux|(sous-)?total|somme|nombre de?)\b/;

/** What ends a report adds its rows up, and is about no object: where one would stand is nothing, or that word. */
function isTotal(record: readonly string[], places: Places, ids: readonly string[]): boolean {
  const saysTotal = (cell = ''): boolean => TOTAL.test(fold(cell));
  const cells = ids.map((id) => record[places.get(id) ?? 0] ?? '');
  return ids.length > 0 && saysTotal(record.find((cell) => cell.trim() !== '')) && cells.every((id) => id.trim() === '' || saysTotal(id));
}

/** Strict in what is said to be Unicode; what is not is Windows-1252, in which every byte is something. */
function decode(bytes: Buffer, encoding: TableForm['encoding']): string | { fault: string } {
  const named = bomOf(bytes) ?? (encoding === 'auto' ? guess(bytes) : encoding);
  for (const name of named === 'auto' ? ['utf-8', 'windows-1252'] : [named]) {
    try {
      return new TextDecoder(name, { fatal: true }).decode(bytes);
    } catch {
      // Not that one.
    }
  }
  return { fault: `le fichier n’est pas en ${named}` };
}

const HOLE = 256; // zeros; old programs fill a cell up with a few

/** Who copies a file may give it its size first, and its content later; a disk that was full leaves holes. */
function isHollow(text: string): boolean {
  return text.endsWith('\0') || text.includes('\0'.repeat(HOLE));
}

function bomOf(bytes: Buffer): string | undefined {
  const mark = bytes.subarray(0, 3).toString('hex');
  if (mark === 'efbbbf') return 'utf-8';
  return mark.startsWith('fffe') ? 'utf-16le' : mark.startsWith('feff') ? 'utf-16be' : undefined;
}

/** UTF-16 without its mark has a zero beside each letter. */
function guess(bytes: Buffer): string {
  const first = [...bytes.subarray(0, 1000)];
  const zeros = (parity: number): number => first.filter((byte, index) => byte === 0 && index % 2 === parity).length;
  return zeros(1) > first.length / 5 ? 'utf-16le' : zeros(0) > first.length / 5 ? 'utf-16be' : 'auto';
}

const Records = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }), raw: z.string() }));
type Read = z.infer<typeof Records>[number];
type Parsed = { records: Read[]; delimiter: string; skipped: Row[] };

function parseRecords(text: string, { separator, columns }: TableForm): Parsed | { fault: string } {
  // One kind of line break, since the parser counts two for what stands in quotes.
  const lines = text
    .replace(/^\uFEFF/, '')
    .replace(/\x1A\s*$/, '') // how DOS and what comes from it ends a file
    .replace(/\r\n?/g, '\n');
  // Excel's own first line, which no other program knows; its place is kept, so that lines are counted right.
  const [said, mark] = /^sep=(.)(?=\n)/i.exec(lines) ?? [];
  const body = lines.slice(said?.length ?? 0);
  const broken: { line: number; isCut: boolean }[] = [];
  const delimiter = separator === 'tab' ? '\t' : separator === 'auto' ? (mark ?? separatorOf(body, columns)) : separator;
  const parsed: unknown = parse(body, {
    delimiter,
    record_delimiter: '\n',
    info: true,
    raw: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => void broken.push({ line: lineOf(error), isCut: error?.code === 'CSV_QUOTE_NOT_CLOSED' }),
  });
  const cut = broken.find(({ isCut }) => isCut);
  if (cut !== undefined)
    return { fault: `guillemet jamais refermé (lu jusqu’à la ligne ${cut.line})${NBSP}: le fichier est coupé ou abîmé` };
  return {
    records: Records.parse(parsed),
    delimiter,
    skipped: broken.map(({ line }) => ({ line, values: {}, fault: 'guillemets mal placés' })),
  };
}

const NARROW = 4; // columns; below, a text of several lines may look like rows

/**
 * How many rows a quote that was never closed made one of, up to the next one that closes: each of its lines has all the cells
 * of a row. As a cell it would look as if the others were gone, and show them to whom they are not for.
 */
function gluedIn(raw: string, delimiter: string, width: number): number {
  const lines = raw.replace(/\n$/, '').split('\n');
  return lines.length > 1 && width >= NARROW && lines.every((line) => line.split(delimiter).length >= width) ? lines.length : 0;
}

function lineOf(error: unknown): number {
  const lines: unknown = error instanceof CsvError ? Reflect.get(error, 'lines') : undefined;
  return typeof lines === 'number' ? lines : 0;
}

/** The one that cuts a line into every declared column, else the one there is most of in the first line, outside of quotes. */
function separatorOf(text: string, columns: readonly string[]): string {
  const lines = [...text.slice(0, LONGEST_ABOVE).matchAll(/\S.*/g)].slice(0, MOST_ABOVE).map(([line]) => line);
  const cells = (line: string, mark: string): string[] => line.split(mark).map((cell) => cell.replace(/^\s*"|"\s*$/g, ''));
  const named = MARKS.find((mark) => lines.some((line) => columnsIn(cells(line, mark), columns) === columns.length));
  const first = (lines[0] ?? '').replace(/"[^"]*"/g, '');
  const counted = MARKS.map((mark) => [mark, first.split(mark).length] as const);
  return named ?? counted.reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

const MARKS = [';', '\t', ',', '|'];
const LONGEST_ABOVE = 100_000;

export type Places = Map<string, number>;

/** Where the declared columns stand among those there are, by their names whatever their case; `of` says of what. */
export function placesOf(header: readonly string[], declared: readonly string[], of: string): Places | { fault: string } {
  const names = header.map(fold);
  const missing = declared.filter((name) => !names.includes(fold(name)));
  if (missing.length > 0) {
    const near = missing.flatMap((name) => nearest(fold(name), names) ?? []).map((name) => header[names.indexOf(name)] ?? name);
    const hint = near.length === 0 ? '' : ` (renommées en ${list(near.map(quote), 5)}${NNBSP}?)`;
    return { fault: `colonnes absentes de ${of}${NBSP}: ${list(missing.map(quote), 10)}${hint}` };
  }
  const double = declared.find((name) => names.indexOf(fold(name)) !== names.lastIndexOf(fold(name)));
  if (double !== undefined) return { fault: `colonne en double dans ${of}${NBSP}: ${quote(double)}` };
  return new Map(declared.map((name) => [name, names.indexOf(fold(name))]));
}

/** `="00318"` is how exports keep Excel from making a number of it. */
function plain(cell: string): string {
  return (/^\s*="([^"]*)"\s*$/.exec(cell)?.[1] ?? cell).trim();
}

/** « 2,02612E+11 », « #REF! »: what a spreadsheet makes of an identifier. Others became the same. */
const SPOILT = /^(\d([.,]\d+)?E\+\d+|#+|#[\p{L}/0]+[!?]?)$/iu;

type Of = { width: number; delimiter: string; ids: readonly string[] };

/** Cells that no column declares never leave this function. */
function rowOf({ record, info, raw }: Read, places: Places, { width, delimiter, ids }: Of): Row {
  const inside = record.join('').split('\n').length - 1; // it began that much earlier
  const line = info.lines - inside;
  const glued = gluedIn(raw, delimiter, width);
  if (glued > 0) return { line, values: {}, fault: `guillemet jamais refermé${NBSP}: ${glued} lignes du fichier n’en font qu’une` };
  const cell = (name: string, text: string): string => (ids.includes(name) ? text.normalize('NFC').replace(/\s+/g, ' ') : text);
  const values = Object.fromEntries([...places].map(([name, place]) => [name, cell(name, plain(record[place] ?? ''))]));
  const isShort = [...places.values()].some((place) => place >= record.length);
  const isLong = record.slice(width).some((cell) => cell.trim() !== '');
  const spoilt = ids.map((name) => values[name] ?? '').find((id) => SPOILT.test(id));
  if (isShort || isLong) return { line, values, fault: `${record.length} colonnes au lieu de ${width}` };
  return { line, values, ...(spoilt !== undefined && { fault: `identifiant abîmé par un tableur ${quote(spoilt)}` }) };
}
