/** Debian's Chromium, which the browser tests drive; no browser is ever downloaded from anywhere else. */
import { findProgram, installPackage, isExecutable } from './debian.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The absolute path of a Chromium on this machine: `ECRITOIRE_CHROMIUM`, else the first on the PATH. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['ECRITOIRE_CHROMIUM'];
  if (named === undefined) return findProgram(NAMES, env);
  return isExecutable(named) ? named : undefined;
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
  if (!installPackage('chromium', { say }))
    throw new Error('Chromium could not be installed (apt-get failed): install it by hand or set ECRITOIRE_CHROMIUM.');
  const installed = findChromium();
  if (installed === undefined) throw new Error('apt-get installed Chromium, but no chromium is on the PATH: set ECRITOIRE_CHROMIUM.');
  return installed;
}
