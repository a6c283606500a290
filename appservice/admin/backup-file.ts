/** The file of a backup: gzipped lines, mode 0600, there only when it is whole. */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { DeskError } from '#desk/errors.ts';
import { BACKUP } from '#desk/words/store.ts';

/** Runs `fill` with what writes a line, and puts the file in its place when that is done. */
export async function writeLines<T>(file: string, fill: (write: (line: string) => Promise<void>) => Promise<T>): Promise<T> {
  const part = `${resolve(file)}.part`;
  const target = createWriteStream(part, { mode: 0o600 });
  const gzip = createGzip();
  const end = finished(gzip.pipe(target));
  end.catch(() => undefined);
  try {
    const result = await fill(async (line) => {
      if (!gzip.write(`${line}\n`)) await Promise.race([once(gzip, 'drain'), end]);
    });
    gzip.end();
    await end;
    await toDisk(part);
    await rename(part, resolve(file));
    return result;
  } catch (error) {
    target.destroy();
    await rm(part, { force: true });
    throw error;
  }
}

async function toDisk(file: string): Promise<void> {
  const handle = await open(file);
  await handle.sync();
  await handle.close();
}

/** The first line, and those that follow. Throws `invalid` with a sentence for what is no backup. */
export async function openLines(file: string): Promise<{ head: unknown; lines: AsyncIterable<string> }> {
  const lines = linesOf(file);
  try {
    const first = await lines.next();
    const head: unknown = JSON.parse(String(first.value));
    return { head, lines };
  } catch (cause) {
    throw new DeskError('invalid', BACKUP.notOurs(file), { cause });
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const gunzip = createGunzip();
  const source = createReadStream(resolve(file));
  source.on('error', (error) => gunzip.destroy(error));
  let rest = '';
  for await (const chunk of source.pipe(gunzip).setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
