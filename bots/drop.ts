/** Which files of a folder are whole and new: never half of one, and none twice. Pure; what it must remember is a cursor. */
import { z } from 'zod';
import type { FolderFile } from './io-folder.ts';

const File = z.object({ name: z.string(), size: z.number(), modifiedMs: z.number() });
const Look = File.extend({ atMs: z.number() });
/** `taken`: read already and still there. `seen`: since when a file that is not taken looks as it does. */
const Kept = z.object({ taken: z.array(File), seen: z.array(Look) }).catch({ taken: [], seen: [] });

const LOOKS_MS = 4000; // between two looks that find the same, at least
const AGAIN_MS = 5000;

export type Drop = {
  /** Oldest first. */
  ready: FolderFile[];
  cursor: z.infer<typeof Kept>;
  againMs?: number;
};

/** `renamed`: who drops gives a file its name when it is whole. Otherwise two looks must find it the same. */
export function freshFiles(files: readonly FolderFile[], cursor: unknown, { renamed, now }: { renamed: boolean; now: number }): Drop {
  const { taken, seen } = Kept.parse(cursor);
  const isTaken = (file: FolderFile): boolean => taken.some(isSame(file));
  const looks = files.filter((file) => !isTaken(file)).map((file) => ({ ...file, atMs: seen.find(isSame(file))?.atMs ?? now }));
  const isWhole = ({ atMs }: { atMs: number }): boolean => renamed || now - atMs >= LOOKS_MS;
  const [ready, awaited] = [looks.filter(isWhole), looks.filter((look) => !isWhole(look))];
  return {
    ready: ready.map(({ atMs: _at, ...file }) => file),
    cursor: { taken: [...files.filter(isTaken), ...ready.map(({ atMs: _at, ...file }) => file)], seen: awaited },
    ...(awaited.length > 0 && { againMs: AGAIN_MS }),
  };
}

/** Those that a pattern with `*` names. A name by which programs say that they are still writing never counts. */
export function namedFiles(files: readonly FolderFile[], pattern: string): FolderFile[] {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  const named = new RegExp(`^${parts.join('.*')}$`, 'i');
  return files.filter(({ name }) => named.test(name) && !/^[.~]|\.(part|tmp|filepart|crdownload)$/i.test(name));
}

function isSame(file: FolderFile): (other: FolderFile) => boolean {
  return ({ name, size, modifiedMs }) => name === file.name && size === file.size && modifiedMs === file.modifiedMs;
}
