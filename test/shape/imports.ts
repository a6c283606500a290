/** What a source file imports, read by TypeScript's own parser; a Svelte file is read by its script blocks. */
import { posix } from 'node:path';
import ts from 'typescript';
import { read } from './tree.ts';

/** `target` is a path from the repository's root for our own files, a package's name otherwise. */
export type Import = { from: string; target: string; isOurs: boolean; isType: boolean };

/** The names by which our own folders are imported; package.json and web/package.json say the same. */
const NAMES: readonly [RegExp, string][] = [
  [/^#desk\//, 'appservice/desk/'],
  [/^#store\//, 'appservice/store/'],
  [/^#config\//, 'config/'],
  [/^#lib\//, 'web/src/lib/'],
];

export function importsOf(path: string): Import[] {
  const text = path.endsWith('.svelte') ? scripts(read(path)) : read(path);
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isType: boolean) => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.push(resolve(path, specifier.text, isType));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function scripts(svelte: string): string {
  return [...svelte.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map(([, body]) => body ?? '').join('\n');
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false; // for its effects only
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined && named !== undefined && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly)
  );
}

function resolve(from: string, specifier: string, isType: boolean): Import {
  const ours = ourPath(from, specifier);
  return ours === undefined
    ? { from, target: packageName(specifier), isOurs: false, isType }
    : { from, target: ours, isOurs: true, isType };
}

function ourPath(from: string, specifier: string): string | undefined {
  if (specifier === './$types') return undefined; // SvelteKit makes it from the file itself
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  const name = NAMES.find(([pattern]) => pattern.test(specifier));
  return name === undefined ? undefined : specifier.replace(name[0], name[1]);
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
