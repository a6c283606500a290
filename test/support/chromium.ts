/** Debian's Chromium, which the browser tests drive; no browser is ever downloaded from anywhere else. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The absolute path of a Chromium on this machine: `ECRITOIRE_CHROMIUM`, else the first on the PATH. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['ECRITOIRE_CHROMIUM'];
  const folders = (env['PATH'] ?? '').split(delimiter);
  const candidates = named === undefined ? NAMES.flatMap((name) => folders.map((folder) => join(folder, name))) : [named];
  return candidates.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not there or not ours to run: the next candidate
  }
}

/**
 * The path of Chromium, installed first when it is missing and we are root on a Debian; else throws one sentence that
 * says what to do.
 */
export function requireChromium({ say }: { say: (line: string) => void }): string {
  const found = findChromium();
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0)
    throw new Error('The browser tests need Chromium: install it (as root: apt-get install chromium) or set ECRITOIRE_CHROMIUM.');
  say('Chromium is missing: installing it with apt-get');
  for (const args of [
    ['update', '-qq'],
    ['install', '-qq', '-y', '--no-install-recommends', 'chromium'],
  ]) {
    const done = spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (done.status !== 0)
      throw new Error(`Chromium could not be installed (apt-get ${args[0] ?? ''} failed): install it by hand or set ECRITOIRE_CHROMIUM.`);
  }
  const installed = findChromium();
  if (installed === undefined) throw new Error('apt-get installed Chromium, but no chromium is on the PATH: set ECRITOIRE_CHROMIUM.');
  return installed;
}
