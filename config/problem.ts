/**
 * A problem of the configuration and how it is said: line, column, key path, French sentence. Never the value that
 * was found: it could be a secret written in the wrong place.
 */
import { isMap, isPair, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml';
import type { z } from 'zod';
import { nearest } from '#desk/nearest.ts';

export type KeyPath = readonly (string | number)[];
/** `at` says what the position points to: the key itself (an unknown one) or its value. */
export type Problem = { path: KeyPath; at?: 'key' | 'value'; text: string };

/** `connections[0].bot`, as an operator would write it. */
export function sayPath(path: KeyPath): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text.replace(/^\./, '') || 'racine';
}

/** Where the path is in the file; for a key that is missing, its nearest parent that is there. */
export function locate(doc: Document, lines: LineCounter, problem: Problem): { line: number; column: number } {
  let node: unknown = doc.contents;
  let start = 0;
  for (const [index, part] of problem.path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((entry) => isScalar(entry.key) && String(entry.key.value) === String(part));
      if (!isPair(pair)) break;
      const ofKey = problem.at === 'key' && index === problem.path.length - 1;
      start = offset(ofKey ? pair.key : pair.value) ?? offset(pair.key) ?? start;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      start = offset(node) ?? start;
    } else break;
  }
  const { line, col } = lines.linePos(start);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function offset(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

/** One issue of zod as our problems: an unknown key is one problem each, named with the nearest key there is. */
export function fromIssue(issue: z.core.$ZodIssue, known: (path: KeyPath) => readonly string[]): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code !== 'unrecognized_keys') return [{ path, text: issue.message }];
  return issue.keys.map((key) => {
    const near = nearest(key, known(path));
    return {
      path: [...path, key],
      at: 'key',
      text: near === undefined ? 'clé inconnue' : `clé inconnue ; vouliez-vous dire « ${near} » ?`,
    };
  });
}

const TYPES: Record<string, string> = {
  string: 'un texte (entre guillemets si besoin)',
  number: 'un nombre',
  int: 'un nombre entier',
  boolean: 'true ou false',
  array: 'une liste',
  object: 'un bloc de clés',
};

/** The sentence for an issue of zod; `undefined` leaves it to zod's own French. Own messages of the schema come before. */
export function sayIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== 'unrecognized_keys') return 'il manque cette clé';
  switch (issue.code) {
    case 'invalid_type':
      return `attendu : ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `attendu : ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `trop petit : ${size(issue.origin, Number(issue.minimum))} au moins`;
    case 'too_big':
      return `trop grand : ${size(issue.origin, Number(issue.maximum))} au plus`;
    default:
      return undefined;
  }
}

function size(origin: string, bound: number): string {
  const unit = { string: 'caractère', array: 'élément' }[origin];
  return unit === undefined ? String(bound) : `${bound} ${unit}${bound > 1 ? 's' : ''}`;
}
