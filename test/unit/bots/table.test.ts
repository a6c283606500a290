import { describe, expect, it } from 'vitest';
import { readTable, type TableForm } from '../../../bots/table.ts';

const COLUMNS = ['Numéro', 'Libellé'];
const read = (bytes: Uint8Array | string, form: Partial<TableForm> = {}) =>
  readTable(Buffer.from(bytes), { encoding: 'auto', separator: 'auto', columns: COLUMNS, ...form });
const latin = (text: string) => Buffer.from(text.replaceAll('€', '\u0080').replaceAll('’', '\u0092'), 'latin1');
const TEXT = 'Numéro;Libellé\r\n12;L’été à 3 €\r\n';
const faultOf = (text: string): string => {
  const table = read(text);
  return 'fault' in table ? table.fault : '';
};
const ROWS = { rows: [{ line: 2, values: { Numéro: '12', Libellé: 'L’été à 3 €' } }] };

describe('a table', () => {
  it.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${TEXT}`)],
    ['Windows-1252', latin(TEXT)],
    ['UTF-16 with its mark', Buffer.from(`\uFEFF${TEXT}`, 'utf16le')],
    ['UTF-16 without', Buffer.from(TEXT, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\uFEFF${TEXT}`, 'utf16le').swap16()],
  ])('in %s is read, unasked', (_, bytes) => {
    expect(read(bytes)).toEqual(ROWS);
  });

  it('said to be in UTF-8 and in something else is refused, not read with broken characters', () => {
    expect(read(latin(TEXT), { encoding: 'utf-8' })).toEqual({ fault: 'le fichier n’est pas en utf-8' });
  });

  it.each([
    ['semicolons', 'Numéro;Libellé\n12;a,b\n', 'a,b'],
    ['commas', 'Numéro,Libellé\n12,"a,b"\n', 'a,b'],
    ['tabulators', 'Numéro\tLibellé\n12\ta;b\n', 'a;b'],
    ['what Excel says in its first line', 'sep=,\r\nNuméro,Libellé\r\n12,a;b\r\n', 'a;b'],
    ['a header in quotes', '"Numéro";"Libellé"\n"12";"a"\n', 'a'],
    ['cells that Excel must not make numbers of', 'Numéro;Libellé\n="12";"=""0034"""\n', '0034'],
    ['the end of a file as DOS writes it', 'Numéro;Libellé\r\n12;a\r\n\u001A', 'a'],
    ['a quote inside of a cell', 'Numéro;Libellé\n12;écran 24" plat\n', 'écran 24" plat'],
  ])('with %s is cut where it should be', (_, text, label) => {
    const table = read(text);
    expect('rows' in table && table.rows.map(({ values, fault }) => [values, fault])).toEqual([
      [{ Numéro: '12', Libellé: label }, undefined],
    ]);
  });

  it('keeps line breaks in quotes, and still counts the lines of the file', () => {
    const table = read('Numéro;Libellé\r\n1;"deux\r\nlignes"\r\n\r\n2;"dit ""oui"""\r\n');
    expect(table).toEqual({
      rows: [
        { line: 2, values: { Numéro: '1', Libellé: 'deux\nlignes' } },
        { line: 5, values: { Numéro: '2', Libellé: 'dit "oui"' } },
      ],
    });
  });

  it('reads its header without regard to order, capitals, accents, spaces and other columns, of which nothing is kept', () => {
    const table = read('Salaire; LIBELLE ;numero\n9999;a;12\n');
    expect(table).toEqual({ rows: [{ line: 2, values: { Numéro: '12', Libellé: 'a' } }] });
  });

  it('with a column that is gone is refused, with the name it may have now', () => {
    expect(read('Numéro;Libellés\n12;a\n')).toEqual({
      fault: 'colonnes absentes de l’en-tête\u00a0: «\u00a0Libellé\u00a0» (renommées en «\u00a0Libellés\u00a0»\u202f?)',
    });
    expect(faultOf('Numéro;Libellé;libelle\n12;a;b\n')).toContain('en double');
  });

  it.each([
    ['a title', 'Export des congés, au 27/11/2026\r\n\r\nNuméro;Libellé\r\n12;a\r\n', 4],
    ['a title as wide as the table', 'Export;\r\nDu 01/11 au 27/11;\r\n;\r\nNuméro;Libellé\r\n12;a\r\n', 5],
  ])('is read from its header on, below %s, and its lines are those of the file', (_, text, line) => {
    expect(read(text)).toEqual({ rows: [{ line, values: { Numéro: '12', Libellé: 'a' } }] });
  });

  it('below a title with a column that is gone says which, and the name it may have now', () => {
    expect(faultOf('Export;\nDu 01/11;\nNuméro;Libellés\n12;a\n').replaceAll(/[\u00a0\u202f]/g, ' ')).toBe(
      'colonnes absentes de l’en-tête : « Libellé » (renommées en « Libellés » ?)',
    );
  });

  it('below a title glues no rows together that a quote left open', () => {
    const columns = ['Numéro', 'Libellé', 'Mail', 'État'];
    const text = 'Export\nNuméro;Libellé;Mail;État\n1;"a;x@v.example;oui\n2;b";y@v.example;oui\n';
    expect(read(text, { columns })).toEqual({
      rows: [{ line: 3, values: {}, fault: 'guillemet jamais refermé\u00a0: 2 lignes du fichier n’en font qu’une' }],
    });
  });

  it.each(['Total;3', 'TOTAUX : 3', ';Total : 3', 'Nombre de demandes;3\n;Somme : 12,50'])(
    'ends with what adds it up (%j), which is no row; a row that is called so and has an identifier is one',
    (total) => {
      const [ids, rows] = [['Numéro'], [{ line: 2, values: { Numéro: '12', Libellé: 'a' } }]];
      expect(read(`Numéro;Libellé\n12;a\n${total}\n\n;\n`, { ids })).toEqual({ rows });
      expect(read('Libellé;Numéro\na;12\nTotal des heures;13\n', { ids })).toMatchObject({
        rows: [{}, { line: 3, values: { Numéro: '13' } }],
      });
      expect(read('Numéro;Libellé\nTotal;3\n12;a\n', { ids })).toMatchObject({ rows: [{ line: 2 }, { line: 3 }] });
    },
  );

  it('without a header says so; with a header alone it is an empty list', () => {
    for (const nothing of ['', '\uFEFF', '\r\n \r\n']) expect(read(nothing)).toEqual({ fault: 'fichier vide, sans ligne d’en-tête' });
    expect(read('Numéro;Libellé\r\n')).toEqual({ rows: [] });
    expect(faultOf('12;a\n13;b\n')).toContain('colonnes absentes');
  });

  it('that was cut inside of a quote is refused whole; a row of another width alone', () => {
    expect(faultOf('Numéro;Libellé\n1;a\n2;"b\n3;c\n')).toContain('coupé');
    expect(read('Numéro;Libellé\n1;a\n2\n3;c;d\n4;e;;\n;;\n')).toEqual({
      rows: [
        { line: 2, values: { Numéro: '1', Libellé: 'a' } },
        { line: 3, values: { Numéro: '2', Libellé: '' }, fault: '1 colonnes au lieu de 2' },
        { line: 4, values: { Numéro: '3', Libellé: 'c' }, fault: '3 colonnes au lieu de 2' },
        { line: 5, values: { Numéro: '4', Libellé: 'e' } },
      ],
    });
  });

  it('with misplaced quotes keeps them in their cell, and every row', () => {
    const table = read('Numéro;Libellé\n1;a\n2;"b"c\n3;d\n');
    expect('rows' in table && table.rows.map(({ values }) => [values['Numéro'], values['Libellé']])).toEqual([
      ['1', 'a'],
      ['2', '"b"c'],
      ['3', 'd'],
    ]);
  });

  const WIDE = 'Numéro;Libellé;Agent;État\n';
  const rowsOf = (text: string) => {
    const table = read(text);
    return 'rows' in table ? table.rows.map(({ line, values, fault }) => [line, fault ?? values['Numéro']]) : table.fault;
  };

  it.each([
    ['inside of a row', '1;a;x;ok\n2;"Fête de la musique;x;ok\n3;c;x;ok\n4;"Autre";x;ok\n5;e;x;ok\n'],
    ['in two rows one below the other', '1;a;x;ok\n2;"Fête;x;ok\n4;écran 24";x;ok\n5;e;x;ok\n'],
    ['at the end of a row', '1;a;x;ok\n2;b;x;"ok\n4;d;x;ok"\n5;e;x;ok\n'],
  ])('with a quote %s that takes in the rows below is not said to lack them: what they hold is shown to nobody', (_, rows) => {
    const found = rowsOf(WIDE + rows);
    expect(found).toEqual([
      [2, '1'],
      [3, expect.stringMatching(/guillemet/)],
      [expect.any(Number), '5'],
    ]);
    expect(JSON.stringify(read(WIDE + rows))).not.toMatch(/Autre|écran|Fête/);
  });

  it('with line breaks and separators in a cell is read all the same', () => {
    expect(rowsOf(`${WIDE}1;"Bonjour ;\nun ; deux";x;ok\n2;b;x;ok\n`)).toEqual([
      [2, '1'],
      [4, '2'],
    ]);
  });

  it('that has a hole, or whose end is not written yet, is refused; a cell filled up with zeros is not', () => {
    const rows = Array.from({ length: 300 }, (_, n) => `${n};a;x;ok\n`).join('');
    expect(rowsOf(`${WIDE}${rows}${'\0'.repeat(50)}`)).toMatch(/vide/);
    expect(rowsOf(`${WIDE}${rows}${'\0'.repeat(1024)}${rows}`)).toMatch(/vide/);
    expect(rowsOf(`${WIDE}${rows}1;a\0\0\0;x;ok\n`)).toHaveLength(301);
  });

  it.each(['2,02612E+11', '1.5e+08', '#N/A', '#REF!', '#VALEUR!', '#####'])(
    'that a spreadsheet saved with « %s » for an id has no id there',
    (id) => {
      const table = readTable(Buffer.from(`Numéro;Libellé\n${id};a\n12E4;b\n`), {
        encoding: 'auto',
        separator: 'auto',
        columns: COLUMNS,
        ids: ['Numéro'],
      });
      expect('rows' in table && table.rows.map(({ fault }) => fault)).toEqual([expect.stringMatching(/tableur/), undefined]);
    },
  );

  it('in half a character of UTF-16 is said to be none', () => {
    expect(read(Buffer.from('\uFEFFNuméro;Libellé\n1;a\n', 'utf16le').subarray(0, -1))).toEqual({
      fault: 'le fichier n’est pas en utf-16le',
    });
  });
});
