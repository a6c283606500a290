/** Which files of a folder are whole and new: never half of one, and none twice. Pure; what it must remember is a cursor. */
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { type FolderFile, isSameFile } from './io-folder.ts';

const File = z.object({ name: z.string(), size: z.number(), modifiedMs: z.number(), etag: z.string().optional() });
const Look = File.extend({ atMs: z.number() });
/** `taken`: read already and still there. `seen`: since when a file that is not taken looks as it does. */
const Kept = z.object({ taken: z.array(File), seen: z.array(Look) }).catch({ taken: [], seen: [] });

const LOOKS_MS = 4000; // between two looks that find the same, at least
const AGAIN_MS = 5000;
const AT_ONCE = 100; // files of one look: those of a backlog are not read all over again because one of them was not to be had

export type Drop = {
  /** Oldest first. */
  ready: FolderFile[];
  cursor: z.infer<typeof Kept>;
  againMs?: number;
};

/** `renamed`: who drops gives a file its name when it is whole. Otherwise two looks must find it the same. */
export function freshFiles(files: readonly FolderFile[], cursor: unknown, { renamed, now }: { renamed: boolean; now: number }): Drop {
  const { taken, seen } = Kept.parse(cursor);
  const [takenBefore, seenBefore] = [byName(taken), byName(seen)];
  const isTaken = (file: FolderFile): boolean => isSame(takenBefore.get(file.name), file);
  const since = (file: FolderFile): number => {
    const before = seenBefore.get(file.name);
    return before !== undefined && isSame(before, file) ? before.atMs : now;
  };
  const looks = files.filter((file) => !isTaken(file)).map((file) => ({ ...file, atMs: since(file) }));
  const isWhole = ({ atMs }: { atMs: number }): boolean => renamed || now - atMs >= LOOKS_MS;
  const whole = looks.filter(isWhole);
  const ready = whole.slice(0, AT_ONCE).map(({ atMs: _at, ...file }) => file);
  const awaited = [...whole.slice(AT_ONCE), ...looks.filter((look) => !isWhole(look))];
  return {
    ready,
    cursor: { taken: [...files.filter(isTaken), ...ready], seen: awaited },
    ...(awaited.length > 0 && { againMs: whole.length > AT_ONCE ? 0 : AGAIN_MS }),
  };
}

const DAY_MS = 86_400_000; // more than any clock is off

/** The last by its date, alone. One of the future would stay the last, whatever comes: then it is not known which is. */
export function newestOf(named: readonly FolderFile[], now: number): FolderFile[] {
  const newest = named.slice(-1);
  if (named.length > 1 && newest.some(({ modifiedMs }) => modifiedMs > now + DAY_MS))
    throw new DeskError('invalid', 'The newest of several dropped files is of the future: it would hide all later ones');
  return newest;
}

const byName = <One extends { name: string }>(files: readonly One[]) => new Map(files.map((file) => [file.name, file]));
const isSame = (one: FolderFile | undefined, other: FolderFile): boolean => one !== undefined && isSameFile(one, other);

/**
 * Those that a pattern with `*` names, however the accents of either are written (a Mac's are two letters). A name by which
 * programs say that they are still writing never counts.
 */
export function namedFiles(files: readonly FolderFile[], pattern: string): FolderFile[] {
  const parts = pattern
    .normalize('NFC')
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  const named = new RegExp(`^${parts.join('.*')}$`, 'i');
  return files.filter(({ name }) => named.test(name.normalize('NFC')) && !/^[.~]|\.(part|tmp|filepart|crdownload)$/i.test(name));
}
