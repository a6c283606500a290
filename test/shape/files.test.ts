import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generated, stale } from '#config/generate.ts';
import { files, read, sources } from './tree.ts';

const LINES = 400; // a longer file is two things
const README_LINES = 40;
const TOP_FOLDERS = ['appservice', 'web', 'bots', 'config', 'test', 'docs'];
const lines = (path: string) => read(path).replace(/\n$/, '').split('\n').length;

describe('files', () => {
  it(`have at most ${LINES} lines`, () => {
    expect(sources().filter((path) => lines(path) > LINES)).toEqual([]);
  });

  it('are named in kebab-case, components in PascalCase, routes as SvelteKit wants them', () => {
    const wrong = sources().filter((path) => {
      const name = basename(path);
      if (path.startsWith('web/src/routes/') && name.startsWith('+')) return false;
      return !(name.endsWith('.svelte') ? /^[A-Z][A-Za-z]*\.svelte$/ : /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/).test(name);
    });
    expect(wrong).toEqual([]);
  });

  it('of one tool stand in one folder named by its id', () => {
    const folders = new Set(files().flatMap((path) => /^bots\/([^/]+)\//.exec(path)?.[1] ?? []));
    expect([...folders].filter((name) => name !== '_template' && !/^[a-z][a-z0-9-]*$/.test(name))).toEqual([]);
  });

  it('postpone and silence nothing', () => {
    // Put together here, so that this file does not find itself.
    const marks = [
      ['TO', 'DO'],
      ['FIX', 'ME'],
      ['@ts-', 'ignore'],
      ['@ts-', 'expect-error'],
      ['eslint-', 'disable'],
      ['as unknown ', 'as'],
    ];
    // A mark begins a word: iCalendar's name of a task ends like one.
    const pattern = new RegExp(`(?<![A-Za-z])(${marks.map((parts) => parts.join('')).join('|')})`);
    expect(sources().filter((path) => pattern.test(read(path)))).toEqual([]);
  });

  it('of tests leave no test out', () => {
    const left = /\b(it|test|describe)\.(skip|only|todo|skipIf|runIf|fails)\b/;
    expect(sources().filter((path) => /\.test\.ts$/.test(path) && left.test(read(path)))).toEqual([]);
  });
});

describe('READMEs', () => {
  it.each(TOP_FOLDERS)(`of %s is there and has at most ${README_LINES} lines`, (folder) => {
    expect(lines(`${folder}/README.md`)).toBeLessThanOrEqual(README_LINES);
  });
});

describe('generated files', () => {
  it('are those that the schema makes', async () => {
    expect((await stale()).map(({ path }) => path)).toEqual([]);
  });

  it('say in their first line that they are generated and by what', () => {
    for (const { path, text } of generated()) {
      const first = path.endsWith('.json') ? text.split('\n')[1] : text.split('\n')[0];
      expect(first).toMatch(/Généré par npm run generate/);
    }
  });
});
