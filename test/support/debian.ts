/** Debian's own servers and programs, which some tests run beside ours: found, or installed when we are root on a Debian. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Servers stand where a person's PATH does not look. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** The absolute path of the first of these programs that is there and ours to run. */
export function findProgram(names: readonly string[], env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = [...(env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not there or not ours to run: the next candidate
  }
}

/** Whether apt-get put it there; false when we may not ask it, or it could not. */
export function installPackage(name: string, { say }: { say: (line: string) => void }): boolean {
  if (process.getuid?.() !== 0) return false;
  say(`${name} is missing: installing it with apt-get`);
  return [
    ['update', '-qq'],
    ['install', '-qq', '-y', '--no-install-recommends', name],
  ].every((args) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
  });
}
