/** What a bot may do outside: only through this, only to its connection's own origins, always within limits. */
import { DeskError } from '#desk/errors.ts';
import type { BotLog } from './log.ts';
import type { AddressGuard } from './io-guard.ts';
import { type Folder, localFolder, watchFolder } from './io-folder.ts';
import { makeHttp, type Http } from './io-http.ts';
import { type Imap, makeImap } from './io-imap.ts';
import { makeSocket, type OpenSocket } from './io-socket.ts';
import { type SftpAccess, visitSftp } from './io-sftp.ts';
import { makeSql, type Sql } from './io-sql.ts';
import { type WebdavAccess, webdavFolder } from './io-webdav.ts';

export type { Folder, FolderFile } from './io-folder.ts';
export type { Http, HttpAnswer, HttpRequest } from './io-http.ts';
export type { SftpAccess } from './io-sftp.ts';
export type { WebdavAccess } from './io-webdav.ts';
export type { Imap, ImapAccess, Mailbox, MailHead, MailText } from './io-imap.ts';
export type { OpenSocket, SocketUse } from './io-socket.ts';
export type { Sql, View } from './io-sql.ts';
export type { Select, SqlAccess, SqlTable } from './io-sql-session.ts';
export { codeOf } from './io-status.ts';

/** What opens a folder that is not one of this machine; which of them says how it is reached. */
export type FolderAccess = SftpAccess | WebdavAccess;
type VisitFolder = <Answer>(visit: (folder: Folder) => Promise<Answer>, access?: FolderAccess) => Promise<Answer>;

export interface Io {
  http: Http;
  /** The folder that the connection's first origin names (`file:`; `sftp:` or `https:` with what opens it), for as long as `visit` takes. */
  folder: VisitFolder;
  /** Wakes when something changed in that folder. */
  watchFolder(on: { wake: () => void; lost: () => void }): () => void;
  /** The mailbox that the connection's first origin names (`imaps:`). */
  imap: Imap;
  /** The database that the connection's first origin names (`postgresql:`, `mariadb:`, `mysql:`). */
  sql: Sql;
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
  const http = makeHttp({ origins, guard, log, requestId, inTurn, timeouts, acts });
  const imap = makeImap({ origin: origins[0] ?? '', guard, log, requestId, timeoutMs: timeouts.read });
  const sql = makeSql({ origin: origins[0] ?? '', guard, log, requestId, timeoutMs: timeouts.read });
  return {
    folder: makeFolder({ origins, guard, log, requestId, inTurn, timeouts }, http),
    watchFolder: (on) => watchFolder(originOf(origins, 'file:'), on),
    imap: { idle: imap.idle, visit: (access, visit) => inTurn(() => imap.visit(access, visit)) },
    sql: { visit: (access, visit) => inTurn(() => sql.visit(access, visit)) },
    socket: makeSocket({ origins, guard, timeoutMs: timeouts.read }),
    http,
    hasActed: () => acts.open > 0,
  };
}

function makeFolder({ origins, guard, log, requestId, inTurn, timeouts }: Required<IoOptions>, http: Http): VisitFolder {
  return (visit, access) => {
    // Its calls take their turn one by one, as all of HTTP do.
    if (access !== undefined && 'password' in access)
      return visit(webdavFolder({ origin: originOf(origins, 'https:', 'http:'), http, headers: basic(access.user, access.password) }));
    if (access === undefined) return inTurn(() => visit(localFolder({ origin: originOf(origins, 'file:'), log, requestId })));
    const options = { origin: originOf(origins, 'sftp:'), guard, log, requestId, timeoutMs: timeouts.read };
    return inTurn(() => visitSftp(options, access, visit));
  };
}

function originOf([first = '']: readonly string[], ...protocols: readonly string[]): string {
  if (!protocols.includes(URL.parse(first)?.protocol ?? ''))
    throw new DeskError('config', `This connection has no origin of ${protocols.join(' or ')}`);
  return first;
}

/** The header of HTTP Basic. */
export function basic(user: string, password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
