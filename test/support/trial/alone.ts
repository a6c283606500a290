/** One starter per folder: an abstract socket, which the kernel frees at kill -9. Only Node 24 takes it (another Node sees other names). */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';

/** True when this process now holds the folder; false when another starter does. */
export async function holdFolder(folder: string): Promise<boolean> {
  const name = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(`\0ecritoire-${name}`, () => {
      server.unref();
      resolve(true);
    });
  });
}
