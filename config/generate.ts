/**
 * `npm run generate`: writes what is made from the schema. With `--check` nothing is written, and the exit code says
 * whether the files are those that would be.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { editorSchema, exampleText } from './example.ts';

export type Generated = { path: string; text: string };

const MADE = 'npm run generate, à partir de config/schema.ts';

/** Every generated file as it should be; paths are relative to the repository's root. */
export function generated(): Generated[] {
  const schema = { $comment: `Généré par ${MADE}\u00a0: ne pas modifier.`, ...editorSchema() };
  const head = [
    `# Généré par ${MADE}\u00a0: ne pas modifier, copier.`,
    '# yaml-language-server: $schema=./schema.json',
    '#',
    '# La configuration d’Écritoire. Les secrets n’y sont pas : chacun est dans une variable d’environnement (env: NOM)',
    '# ou dans un fichier lisible de son seul propriétaire (file: chemin, relatif à ce fichier ; chmod 600).',
    '# Vérifier\u00a0: npm run desk -- config check --config FICHIER',
  ];
  return [
    { path: 'config/schema.json', text: `${JSON.stringify(schema, undefined, 2)}\n` },
    { path: 'config/ecritoire.example.yaml', text: `${head.join('\n')}\n${exampleText()}\n` },
  ];
}

/** Those of {@link generated} whose file is missing or other than it should be. */
export async function stale(): Promise<Generated[]> {
  const found = await Promise.all(
    generated().map(async (file) => ({ file, now: await readFile(absolute(file.path), 'utf8').catch(() => undefined) })),
  );
  return found.filter(({ file, now }) => now !== file.text).map(({ file }) => file);
}

function absolute(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

if (import.meta.main) {
  const old = await stale();
  if (process.argv.includes('--check')) {
    for (const { path } of old) console.error(`${path} is not what the schema makes: run npm run generate`);
    process.exitCode = old.length > 0 ? 1 : 0;
  } else {
    for (const { path, text } of old) await writeFile(absolute(path), text);
    console.log(old.length === 0 ? 'Everything was fresh.' : old.map(({ path }) => path).join('\n'));
  }
}
