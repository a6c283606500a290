import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { read, sources } from './tree.ts';

/** Where the sentences stand that people read as they are written; those of config/ pass through its `typeset`. */
const CATALOGUES = /^(appservice\/desk\/words(\.ts|\/)|web\/src\/lib\/messages\/)/;

/** Each rule finds what is wrong. Spaces: U+00A0 or U+202F before and inside double marks, none that could break a line. */
const RULES: readonly [string, RegExp][] = [
  ['a straight apostrophe', /\p{L}'\p{L}/u],
  ['a breaking space before a double mark', / [;:!?»]/],
  ['a breaking space after «', /« /],
  ['no space before a double mark', /\p{L}[;!?»](\s|$)/u],
  ['no space before a colon', /\p{L}:(\s|$)/u],
  ['no space inside «', /«\p{L}/u],
  ['three dots for an ellipsis', /\.\.\./],
  ['straight quotation marks', /"/],
];

function strings(path: string): string[] {
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function faults(text: string): string[] {
  return RULES.filter(([, pattern]) => pattern.test(text)).map(([name]) => `${name}: ${text}`);
}

describe('French sentences', () => {
  const catalogues = sources().filter((path) => CATALOGUES.test(path));

  it('stand in catalogues that are there', () => {
    expect(catalogues.flatMap(strings).length).toBeGreaterThan(100);
  });

  it('are set as French wants it: apostrophes, quotation marks, spaces that do not break', () => {
    expect(
      catalogues.flatMap((path) =>
        strings(path)
          .flatMap(faults)
          .map((fault) => `${path}: ${fault}`),
      ),
    ).toEqual([]);
  });

  it.each(["l'outil", 'Quoi ?', 'Quoi?', '« ici »', 'Attention: ici', 'Encore...'])('would be refused when written %j', (text) => {
    expect(faults(text)).not.toEqual([]);
  });
});
