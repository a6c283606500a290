/** The ladder to the homeserver's Python: one French sentence per rung, told by machines that lack something. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { preparePython } from '../support/synapse/python.mjs';

type Found = { version: number[]; machine: string; libc: [string, string]; pip: boolean; wheel: string | null };
const DEBIAN: Found = { version: [3, 11, 2], machine: 'x86_64', libc: ['glibc', '2.36'], pip: true, wheel: null };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-python-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A machine whose `python3` says this of itself, and whose pip ends like that. */
async function machine(
  found: Partial<Found> | undefined,
  { pip = '', env = {} }: { pip?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  if (found !== undefined) {
    const answer = JSON.stringify({ ...DEBIAN, ...found, executable: join(folder, 'python3') });
    const script = `#!/bin/sh\ncase "$*" in *probe.py) echo '${answer}' ;; *"config list") ;; *) echo "${pip}" >&2; exit 1 ;; esac\n`;
    await writeFile(join(folder, 'python3'), script);
    await chmod(join(folder, 'python3'), 0o755);
  }
  const settings = { PATH: folder, HOME: folder, ...env };
  return preparePython({ env: settings, log: join(folder, 'log') }).then(
    () => 'it worked',
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  );
}

describe('preparing the homeserver', () => {
  it('says what to install where there is no Python', async () => {
    expect(await machine(undefined)).toMatch(/^Sentence: Il faut Python 3\.10.*aucun Python n’a été trouvé.*apt install python3/);
  });

  it('says which Python is too old', async () => {
    expect(await machine({ version: [3, 9, 18] })).toMatch(/Python 3\.9\.18 \(.*python3\) est trop ancien/);
  });

  it('says so when ECRITOIRE_PYTHON is no Python', async () => {
    expect(await machine(DEBIAN, { env: { ECRITOIRE_PYTHON: join(folder, 'nothing') } })).toContain('n’est pas un Python');
  });

  it('says that there is no ready-built homeserver without glibc, or with an old one', async () => {
    expect(await machine({ libc: ['', ''] })).toMatch(/sans glibc.*--config FICHIER/);
    expect(await machine({ libc: ['glibc', '2.27'] })).toMatch(/glibc 2\.27/);
  });

  it('asks for pip where Python has none, not even the wheel that Python carries', async () => {
    expect(await machine({ pip: false })).toMatch(/n’a pas pip.*apt install python3-pip/);
  });

  it('takes the wheel that Python carries where pip is not installed', async () => {
    expect(await machine({ pip: false, wheel: join(folder, 'pip.whl') }, { pip: 'ERROR: from the wheel' })).toContain(
      'ERROR: from the wheel',
    );
  });

  it('says that the package index cannot be reached, and why', async () => {
    const cause = 'ERROR: NewConnectionError: Failed to establish a new connection';
    expect(await machine(DEBIAN, { pip: cause })).toMatch(/est injoignable \(ERROR: NewConnectionError.*PIP_INDEX_URL ou HTTPS_PROXY/);
  });

  it('says that the disk is full, and how much is needed', async () => {
    expect(await machine(DEBIAN, { pip: 'OSError: [Errno 28] No space left on device' })).toMatch(/Le disque est plein.*1 Go/);
  });

  it('gives any other failure with its last line and the place of the log', async () => {
    expect(await machine(DEBIAN, { pip: 'ERROR: hashes do not match' })).toMatch(/hashes do not match \(journal : .*\/log\)/);
  });
});
