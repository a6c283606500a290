/**
 * The same folder, on a server that is reached by SFTP: its host key is the one that the configuration holds, or nothing is
 * sent to it. Read only.
 */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Client, SFTPWrapper } from 'ssh2';
import { DeskError } from '#desk/errors.ts';
import type { BotLog } from './log.ts';
import { resolveGuarded, type AddressGuard } from './io-guard.ts';
import { byAge, checkFile, checkUnchanged, type Folder, type FolderFile } from './io-folder.ts';
import { networkError } from './io-status.ts';

/** `hostKey`: `SHA256:…`, as `ssh-keygen -lf` writes it. */
export type SftpAccess = { user: string; privateKey: string; hostKey: string };
export type SftpOptions = { origin: string; guard: AddressGuard; log: BotLog; requestId: string; timeoutMs: number };

const REGULAR = 0o100000; // S_IFREG
const TYPE = 0o170000; // S_IFMT
const GONE = 2; // SSH_FX_NO_SUCH_FILE

/** The folder of a `sftp:` origin, for as long as `visit` takes. */
export async function visitSftp<Answer>(
  options: SftpOptions,
  access: SftpAccess,
  visit: (folder: Folder) => Promise<Answer>,
): Promise<Answer> {
  const url = new URL(options.origin);
  const library = await import('ssh2'); // with its ciphers two megabytes, for the few who drop files over SFTP
  const client = new library.Client();
  try {
    const sftp = await connect(client, url, { options, access });
    return await visit(folderOf(sftp, decodeURIComponent(url.pathname), options));
  } finally {
    client.end();
  }
}

async function connect(client: Client, url: URL, { options, access }: { options: SftpOptions; access: SftpAccess }): Promise<SFTPWrapper> {
  const { guard, timeoutMs } = options;
  const host = await resolveGuarded(guard, url.hostname).catch((error: unknown) => {
    throw networkError(error, 'SFTP');
  });
  let isKnown = true;
  return new Promise((resolve, reject) => {
    client.on('error', (error) => reject(isKnown ? sshError(error) : new DeskError('config', 'SFTP: the host key is another one')));
    client.on('close', () => reject(new DeskError('unavailable', 'SFTP: the connection was closed')));
    client.on('ready', () => client.sftp((error, sftp) => (sftp === undefined ? reject(sshError(error)) : resolve(sftp))));
    try {
      client.connect({
        host,
        port: Number(url.port || 22),
        username: access.user,
        privateKey: access.privateKey,
        readyTimeout: timeoutMs,
        keepaliveInterval: timeoutMs / 2,
        keepaliveCountMax: 1,
        hostVerifier: (key: Buffer) => (isKnown = fingerprint(key) === access.hostKey.replace(/=+$/, '')),
      });
    } catch (cause) {
      // Before anything is sent: a private key that cannot be read.
      reject(new DeskError('config', 'SFTP: the private key cannot be used', { cause }));
    }
  });
}

export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function folderOf(sftp: SFTPWrapper, path: string, { log, requestId }: SftpOptions): Folder {
  const place = (name: string): string => `${path.replace(/\/+$/, '')}/${name}`;
  const state = (name: string): Promise<FolderFile> =>
    new Promise((resolve, reject) => {
      // Not stat: a link would lead outside. With an error there are no attributes.
      sftp.lstat(place(name), (error, attributes) => {
        if (attributes === undefined) reject(fileError(error));
        else resolve({ name, size: attributes.size, modifiedMs: attributes.mtime * 1000 });
      });
    });
  return {
    list: () =>
      new Promise((resolve, reject) => {
        sftp.readdir(path, (error, entries) => {
          if (entries === undefined) reject(fileError(error));
          else {
            const files = entries.filter(({ attrs }) => (attrs.mode & TYPE) === REGULAR);
            resolve(byAge(files.map(({ filename, attrs }) => ({ name: filename, size: attrs.size, modifiedMs: attrs.mtime * 1000 }))));
          }
        });
      }),
    async read(file) {
      checkFile(file);
      const started = performance.now();
      const bytes = await buffer(sftp.createReadStream(place(file.name))).catch((error: unknown) => {
        throw said(error, 'code') === GONE
          ? new DeskError('unavailable', 'SFTP: a dropped file went before it was read')
          : fileError(error);
      });
      checkUnchanged(file, await state(file.name), bytes);
      log.debug({ requestId, bytes: bytes.length, ms: Math.round(performance.now() - started) }, 'read a dropped file');
      return bytes;
    },
  };
}

const said = (error: unknown, name: string): unknown => (error instanceof Error ? Reflect.get(error, name) : undefined);

function sshError(error: unknown): DeskError {
  if (error instanceof DeskError) return error;
  if (said(error, 'level') === 'client-authentication') return new DeskError('auth', 'SFTP: the key is refused', { cause: error });
  if (said(error, 'level') === 'protocol' || said(error, 'level') === 'handshake')
    return new DeskError('unavailable', 'SFTP: the server speaks otherwise', { cause: error });
  return networkError(error, 'SFTP');
}

/** That it is not there, and SSH_FX_PERMISSION_DENIED, are the configuration's matter. */
function fileError(error: unknown): DeskError {
  const code = said(error, 'code');
  if (code === GONE || code === 3)
    return new DeskError('config', `SFTP: the folder cannot be read (${code === GONE ? 'absent' : 'refused'})`, { cause: error });
  return sshError(error);
}
