/**
 * Second half of `npm run generate`: what is made from the bots' manifests. With `--check` nothing is written, and the exit
 * code says whether the files are those that would be.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { type Bot, type Grade, GRADES } from './bot.ts';
import { BOTS } from './list.ts';

const MADE = 'npm run generate, à partir des manifestes de bots/';

export type Generated = { path: string; text: string };

/** Every generated file as it should be; paths are relative to the repository's root. */
export async function generated(bots: readonly Bot[] = BOTS): Promise<Generated[]> {
  const manifests = bots.map(({ manifest }) => manifest);
  const code = [
    `/** Généré par ${MADE}\u00a0: ne pas modifier. */`,
    "import type { Manifest } from './bot.ts';",
    '',
    `export const MANIFESTS: readonly Manifest[] = ${JSON.stringify(manifests)};`,
  ].join('\n');
  const files = [
    { path: 'bots/manifests.ts', text: code, parser: 'typescript' },
    { path: 'bots/GRADES.md', text: gradesText(bots), parser: 'markdown' },
  ];
  return Promise.all(
    files.map(async ({ path, text, parser }) => ({ path, text: await format(text, { parser, printWidth: 140, singleQuote: true }) })),
  );
}

function gradesText(bots: readonly Bot[]): string {
  const head = ['robot', ...GRADES];
  const rows = bots.map(({ manifest }) => [manifest.id, ...GRADES.map((name) => mark(manifest.grades[name]))]);
  const notes = bots.flatMap(({ manifest }) =>
    GRADES.flatMap((name) => {
      const grade = manifest.grades[name];
      return typeof grade === 'object'
        ? [`- ${manifest.id}, ${name}\u00a0: ${'todo' in grade ? `à faire, ${grade.todo}` : `sans objet, ${grade.exempt}`}`]
        : [];
    }),
  );
  const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return [`<!-- Généré par ${MADE}\u00a0: ne pas modifier. -->`, '', '# Où en sont les robots', '', ...table, '', ...notes, ''].join('\n');
}

function mark(grade: Grade | undefined): string {
  if (grade === 'done') return 'fait';
  return grade !== undefined && 'exempt' in grade ? '–' : 'à faire';
}

/** Those of {@link generated} whose file is missing or other than it should be. */
export async function stale(): Promise<Generated[]> {
  const found = await Promise.all(
    (await generated()).map(async (file) => ({ file, now: await readFile(absolute(file.path), 'utf8').catch(() => undefined) })),
  );
  return found.filter(({ file, now }) => now !== file.text).map(({ file }) => file);
}

function absolute(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

if (import.meta.main) {
  const old = await stale();
  if (process.argv.includes('--check')) {
    for (const { path } of old) console.error(`${path} is not what the manifests make: run npm run generate`);
    process.exitCode = old.length > 0 ? 1 : 0;
  } else {
    for (const { path, text } of old) await writeFile(absolute(path), text);
    console.log(old.length === 0 ? 'Everything was fresh.' : old.map(({ path }) => path).join('\n'));
  }
}
