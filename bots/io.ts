/** What a bot may do outside: only through this, only to its connection's own origins, always within limits. */
import { DeskError } from '#desk/errors.ts';
import type { BotLog } from './bot.ts';
import type { AddressGuard } from './io-guard.ts';
import { type Folder, localFolder, watchFolder } from './io-folder.ts';
import { makeHttp, type Http } from './io-http.ts';
import { type Imap, makeImap } from './io-imap.ts';
import { makeSocket, type OpenSocket } from './io-socket.ts';
import { type SftpAccess, visitSftp } from './io-sftp.ts';

export type { Folder, FolderFile } from './io-folder.ts';
export type { Http, HttpAnswer, HttpRequest } from './io-http.ts';
export type { SftpAccess } from './io-sftp.ts';
export type { Imap, ImapAccess, Mailbox, MailHead, MailText } from './io-imap.ts';
export type { OpenSocket, SocketUse } from './io-socket.ts';
export { codeOf } from './io-status.ts';

export interface Io {
  http: Http;
  /** The folder that the connection's first origin names (`file:`, or `sftp:` with what opens it), for as long as `visit` takes. */
  folder: <Answer>(visit: (folder: Folder) => Promise<Answer>, access?: SftpAccess) => Promise<Answer>;
  /** Wakes when something changed in that folder. */
  watchFolder(on: { wake: () => void; lost: () => void }): () => void;
  /** The mailbox that the connection's first origin names (`imaps:`). */
  imap: Imap;
  /** A WebSocket at one of the connection's origins. */
  socket: OpenSocket;
  /**
   * Whether something may have been done at the tool since this was made: a call that changes things was sent and not
   * definitely refused. Decides between *failed* and *unknown*.
   */
  hasActed(): boolean;
}

export type IoOptions = {
  /** The first is that of relative paths, with its own path before them. */
  origins: readonly string[];
  guard: AddressGuard;
  log: BotLog;
  requestId: string;
  /** Runs one call after the other for this account. */
  inTurn?: <Answer>(call: () => Promise<Answer>) => Promise<Answer>;
  /** ms; of a call that reads, and of one that changes something (a slow tool must not make its outcome unknown). */
  timeouts?: { read: number; act: number };
};

export const TIMEOUTS_MS = { read: 30_000, act: 90_000 };

export function makeIo({ origins, guard, log, requestId, inTurn = (call) => call(), timeouts = TIMEOUTS_MS }: IoOptions): Io {
  const acts = { open: 0 };
  const imap = makeImap({ origin: origins[0] ?? '', guard, log, requestId, timeoutMs: timeouts.read });
  return {
    folder: (visit, access) =>
      inTurn(() =>
        access === undefined
          ? visit(localFolder({ origin: originOf(origins, 'file:'), log, requestId }))
          : visitSftp({ origin: originOf(origins, 'sftp:'), guard, log, requestId, timeoutMs: timeouts.read }, access, visit),
      ),
    watchFolder: (on) => watchFolder(originOf(origins, 'file:'), on),
    imap: { idle: imap.idle, visit: (access, visit) => inTurn(() => imap.visit(access, visit)) },
    socket: makeSocket({ origins, guard, timeoutMs: timeouts.read }),
    http: makeHttp({ origins, guard, log, requestId, inTurn, timeouts, acts }),
    hasActed: () => acts.open > 0,
  };
}

function originOf([first = '']: readonly string[], protocol: string): string {
  if (URL.parse(first)?.protocol !== protocol) throw new DeskError('config', `This connection has no origin of ${protocol}`);
  return first;
}

/** The header of HTTP Basic. */
export function basic(user: string, password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
