/**
 * A folder into which a tool drops files. Read only: nothing is written, moved or deleted there, so that a read-only account
 * is enough and whoever drops keeps her files. No links are followed, nothing outside is reached.
 */
import { constants, watch } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeskError } from '#desk/errors.ts';
import type { BotLog } from './log.ts';

/** `etag`: the server's own mark of what is in it, where there is one. */
export type FolderFile = { name: string; size: number; modifiedMs: number; etag?: string | undefined };

export interface Folder {
  /** Plain files alone, oldest first. */
  list(): Promise<readonly FolderFile[]>;
  /** The whole file as it was listed; throws `unavailable` when it is another by now. */
  read(file: FolderFile): Promise<Uint8Array>;
}

const MOST_FILES = 10_000; // a folder that nobody tidies; beyond, the newest of them count
export const MAX_BYTES = 50_000_000;

export type FolderOptions = { origin: string; log: BotLog; requestId: string };

/** The folder of a `file:` origin. */
export function localFolder({ origin, log, requestId }: FolderOptions): Folder {
  const folder = fileURLToPath(origin);
  return {
    list: () =>
      within(async () => {
        const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
        const found: FolderFile[] = [];
        for (const { name } of entries) {
          // Gone since it was listed: a file that is being renamed.
          const stats = await lstat(join(folder, name)).catch(() => undefined);
          if (stats?.isFile() === true) found.push({ name, size: stats.size, modifiedMs: Math.round(stats.mtimeMs) });
        }
        return byAge(found);
      }),
    read: (file) =>
      within(async () => {
        const started = performance.now();
        checkFile(file);
        const handle = await open(join(folder, file.name), constants.O_RDONLY | constants.O_NOFOLLOW).catch(throwGone);
        try {
          const bytes = await handle.readFile();
          const { size, mtimeMs } = await handle.stat();
          checkUnchanged(file, { size, modifiedMs: Math.round(mtimeMs) }, bytes);
          log.debug({ requestId, bytes: bytes.length, ms: Math.round(performance.now() - started) }, 'read a dropped file');
          return bytes;
        } finally {
          await handle.close();
        }
      }),
  };
}

const SETTLE_MS = 250; // a file that is written piece by piece is many events

/** Calls `wake` soon after something changed there (inotify: not what another machine does on a share), `lost` when that ends. */
export function watchFolder(origin: string, { wake, lost }: { wake: () => void; lost: () => void }): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(fileURLToPath(origin), { persistent: false }, () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      wake();
    }, SETTLE_MS);
  });
  watcher.on('error', () => {
    watcher.close();
    lost();
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

/** Dates of servers have whole seconds: of one second `liste_10` comes after `liste_9`. */
const byNumber = new Intl.Collator('fr', { numeric: true });

export function byAge(files: readonly FolderFile[]): FolderFile[] {
  return files.toSorted((a, b) => a.modifiedMs - b.modifiedMs || byNumber.compare(a.name, b.name)).slice(-MOST_FILES);
}

export function checkFile({ name, size }: FolderFile): void {
  if (/[/\\\0]/.test(name)) throw new DeskError('config', 'A file outside of the folder');
  if (size > MAX_BYTES) throw new DeskError('invalid', `A dropped file of more than ${MAX_BYTES} bytes`);
}

/** Where both have one the mark decides: a date there is one of whole seconds, and a copy may have kept it. */
export function isSameFile(one: FolderFile, other: FolderFile): boolean {
  if (one.name !== other.name) return false;
  if (one.etag !== undefined && other.etag !== undefined) return one.etag === other.etag;
  return one.size === other.size && one.modifiedMs === other.modifiedMs;
}

export function checkUnchanged(file: FolderFile, now: Omit<FolderFile, 'name'>, bytes: Uint8Array): void {
  const isSame = now.size === file.size && now.modifiedMs === file.modifiedMs && bytes.length === file.size;
  if (!isSame) throw new DeskError('unavailable', 'A dropped file changed while it was read');
}

/** Between two names, or taken away, since it was listed: that passes. */
function throwGone(cause: unknown): never {
  const isGone = cause instanceof Error && Reflect.get(cause, 'code') === 'ENOENT';
  throw isGone ? new DeskError('unavailable', 'A dropped file went before it was read', { cause }) : cause;
}

/** Where a folder is, and whether it may be read, is the configuration's matter; the rest passes. */
async function within<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DeskError) throw cause;
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
    const isSettled = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'].includes(String(code));
    throw new DeskError(isSettled ? 'config' : 'unavailable', `The folder cannot be read (${String(code)})`, { cause });
  }
}
