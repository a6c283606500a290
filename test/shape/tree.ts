/** The files of the repository as git sees them (tracked, or new and not ignored), paths relative to its root. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export function files(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(ROOT + path));
}

export function read(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}

/** A script without its comments. */
export function code(path: string): string {
  return read(path).replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}

/** Source files we write by hand: everything a person would read or change. */
export function sources(): string[] {
  return files().filter((path) => /\.(ts|js|mjs|cjs|svelte|css|py)$/.test(path));
}
