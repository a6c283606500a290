import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeBot } from '../../../bots/new-bot.ts';

const BOTS = fileURLToPath(new URL('../../../bots/', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'new-bot-'));
  await cp(BOTS, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Every file of the folder with its text. */
async function snapshot(): Promise<Map<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(
      files.map(async ({ parentPath, name }) => [join(parentPath, name), await readFile(join(parentPath, name), 'utf8')] as const),
    ),
  );
}

test('a new tool touches its own folder and one line', async () => {
  const before = await snapshot();
  await makeBot('guichet-unique', folder);
  const touched = [...(await snapshot())]
    .filter(([path, text]) => before.get(path) !== text)
    .map(([path]) => path.slice(folder.length + 1));
  expect(touched.filter((path) => !path.startsWith('guichet-unique/'))).toEqual(['index.ts']);
  const index = join(folder, 'index.ts');
  const known = before.get(index)?.split('\n') ?? [];
  const added = (await readFile(index, 'utf8')).split('\n').filter((line) => !known.includes(line));
  expect(added).toEqual(["export { guichetUnique } from './guichet-unique/index.ts';"]);
});

test('its manifest has its id; a second one of that name and an impossible name are refused', async () => {
  await makeBot('guichet', folder);
  expect(await readFile(join(folder, 'guichet', 'manifest.ts'), 'utf8')).toContain("id: 'guichet'");
  await expect(makeBot('guichet', folder)).rejects.toThrow('« guichet » existe déjà');
  for (const impossible of ['Guichet_2', 'guichet-', 'guichet--deux']) await expect(makeBot(impossible, folder)).rejects.toThrow('tirets');
});

test('a word of the language is no name: nothing is made of it, and every other tool still stands', async () => {
  const before = await snapshot();
  for (const word of ['delete', 'import', 'public', 'await']) await expect(makeBot(word, folder)).rejects.toThrow(`« ${word} »`);
  expect(await snapshot()).toEqual(before);
});
