/** `npm run new-bot -- <id>`: copies `_template`, adds the one line to `index.ts` and generates. `check` passes at once. */
import { execFileSync } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Makes the folder and the line; `folder` is that of the bots, given in tests. */
export async function makeBot(id: string, folder: string = FOLDER): Promise<void> {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(id)) throw new Error(`« ${id} » : minuscules, chiffres et tirets, une lettre d’abord`);
  const name = id.replaceAll(/-+([a-z0-9]?)/g, (_, letter: string) => letter.toUpperCase());
  await cp(join(folder, '_template'), join(folder, id), { recursive: true, errorOnExist: true, force: false });
  for (const file of await readdir(join(folder, id))) {
    if (!/^(manifest|index)\.ts$/.test(file)) continue;
    const path = join(folder, id, file);
    const text = await readFile(path, 'utf8');
    await writeFile(
      path,
      text.replace("id: 'template'", `id: '${id}'`).replace("label: 'Modèle'", `label: '${id}'`).replace('const template', `const ${name}`),
    );
  }
  const index = join(folder, 'index.ts');
  const lines = (await readFile(index, 'utf8')).trimEnd().split('\n');
  const [head = '', ...tools] = lines;
  await writeFile(index, `${[head, ...[...tools, `export { ${name} } from './${id}/index.ts';`].sort()].join('\n')}\n`);
}

if (import.meta.main) {
  try {
    const id = process.argv[2] ?? '';
    await makeBot(id);
    execFileSync(process.execPath, [join(FOLDER, 'generate.ts')], { stdio: 'inherit' });
    console.log(`bots/${id} : remplissez manifest.ts et config.ts, puis fixtures/ (bots/README.md).`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
