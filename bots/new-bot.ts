/** `npm run new-bot -- <id>`: copies `_template`, adds the one line to `index.ts` and generates. `check` passes at once. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Makes the folder and the line; `folder` is that of the bots, given in tests. */
export async function makeBot(id: string, folder: string = FOLDER): Promise<void> {
  if (!/^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))
    throw new Error(`« ${id} » : minuscules et chiffres, une lettre d’abord, des tirets entre les mots`);
  const name = id.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (!isName(name)) throw new Error(`« ${id} » : ce mot est du langage, il ne peut pas nommer un robot`);
  if (existsSync(join(folder, id))) throw new Error(`« ${id} » existe déjà`);
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

/** Whether a constant of a module may be called so: it is compiled, not run. */
function isName(name: string): boolean {
  try {
    return new Script(`'use strict'; async () => { let ${name}; }`) instanceof Script;
  } catch {
    return false;
  }
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
