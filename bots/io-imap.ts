/**
 * A mailbox as a bot may use it: at the connection's own origin, looked at and never changed (EXAMINE, PEEK), attachments left
 * where they are, DeskErrors for whatever is not well.
 */
import { isIP } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { FetchMessageObject, FetchQueryObject, ImapFlow, MessageStructureObject } from 'imapflow';
import { DeskError } from '#desk/errors.ts';
import type { BotLog } from './log.ts';
import { type AddressGuard, resolveGuarded } from './io-guard.ts';
import { networkError } from './io-status.ts';
import { decodeText, repairSubject } from './mail-text.ts';

export type ImapAccess = { user: string; password: string; mailbox: string };

/** What stands above a mail: nothing of what is in it. Addresses in lower case, texts decoded. */
export type MailHead = {
  uid: number;
  /** When the server got it, ms. */
  receivedMs: number;
  messageId: string;
  from: string[];
  to: string[];
  subject: string;
  /** Values of the headers asked for, unfolded, in their order; names in lower case. */
  headers: [string, string][];
  /** The server lists it and does not give it: nothing else is known of it. */
  isLost?: boolean;
};

/** What its reader sees, in the forms it came in: of two, the plain one often says only that the other is to be read. */
export type MailText = { plain: string; html: string };

export interface Mailbox {
  /** When it is another, uids begin anew. */
  uidValidity: string;
  /** The heads after a uid that the server got since then, oldest first, at most so many. */
  after(uid: number, of: { since: Date; most: number; headers: readonly string[] }): Promise<MailHead[]>;
  /** Undefined where the server does not give it although it gave the head. */
  text(head: MailHead): Promise<MailText | undefined>;
}

export interface Imap {
  visit: <Answer>(access: ImapAccess, visit: (mailbox: Mailbox) => Promise<Answer>) => Promise<Answer>;
  /** IDLE: calls `wake` when something came, `lost` once when that can be known no more. Answers what ends it. */
  idle: (access: ImapAccess, on: { wake: () => void; lost: () => void }) => Promise<() => void>;
}

export type ImapOptions = { origin: string; guard: AddressGuard; log: BotLog; requestId: string; timeoutMs: number };

const TEXT_BYTES = 64_000; // of a mail's text; a template names itself in its first lines
const IDLE_MS = 4 * 60_000; // before firewalls forget a silent connection
const AT_ONCE = 100;
const MOST_PARTS = 4; // of one type, in one mail

export function makeImap(options: ImapOptions): Imap {
  return {
    async visit(access, visit) {
      const started = performance.now();
      const client = await connect(options, access);
      try {
        return await visit(mailboxOf(client, access));
      } finally {
        options.log.debug({ requestId: options.requestId, ms: Math.round(performance.now() - started) }, 'looked into a mailbox');
        client.close();
      }
    },
    async idle(access, { wake, lost }) {
      const client = await connect(options, access, 2 * IDLE_MS);
      let isEnded = false;
      const end = (): void => {
        if (!isEnded) lost();
        isEnded = true;
        client.close();
      };
      client.on('exists', wake);
      client.on('close', end);
      const wait = async (): Promise<void> => {
        while (!isEnded && client.usable && client.mailbox !== false) if ((await client.idle()) === false) break;
      };
      void wait().then(end, end);
      return () => {
        isEnded = true;
        client.close();
      };
    },
  };
}

/** To the very address that the guard has seen; the certificate is that of the name. */
async function connect(
  { origin, guard, timeoutMs }: ImapOptions,
  { user, password, mailbox }: ImapAccess,
  silentMs = timeoutMs,
): Promise<ImapFlow> {
  const url = URL.parse(origin);
  if (url === null || !/^imaps?:$/.test(url.protocol)) throw new DeskError('config', 'This connection has no mail server');
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const address = await told(resolveGuarded(guard, hostname));
  const isSecure = url.protocol === 'imaps:';
  const isLoopback = /^127\.|^::1$/.test(address);
  const library = await import('imapflow'); // 3 MB that a town without a mail tool does without
  const client = new library.ImapFlow({
    host: address,
    port: Number(url.port || (isSecure ? 993 : 143)),
    secure: isSecure,
    // Without TLS from the start it is asked for, except from this very machine.
    ...(!isSecure && { doSTARTTLS: !isLoopback }),
    ...(isIP(hostname) === 0 && { servername: hostname }),
    auth: { user, pass: password },
    logger: false,
    disableAutoIdle: true,
    maxIdleTime: IDLE_MS,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: silentMs,
  });
  // Told by the call that is under way; without a listener Node would end the process.
  client.on('error', () => undefined);
  try {
    await told(client.connect());
    await told(client.mailboxOpen(mailbox, { readOnly: true }));
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

function mailboxOf(client: ImapFlow, { mailbox }: ImapAccess): Mailbox {
  const open = client.mailbox;
  if (open === false) throw new DeskError('config', `The mailbox ${mailbox} is not there`);
  const structures = new Map<number, MessageStructureObject | undefined>();
  return {
    uidValidity: String(open.uidValidity),
    async after(uid, { since, most, headers }) {
      const found = await told(client.search({ uid: `${uid + 1}:*`, since }, { uid: true }));
      if (!Array.isArray(found)) throw new DeskError('unavailable', 'IMAP: the search was refused');
      // `*` is the last one there is, whatever its number.
      const uids = found.filter((one) => one > uid).sort((a, b) => a - b);
      const heads: MailHead[] = [];
      for (let from = 0; from < Math.min(uids.length, most); from += AT_ONCE) {
        const range = uids.slice(from, Math.min(from + AT_ONCE, most));
        const query = { uid: true, envelope: true, internalDate: true, bodyStructure: true, headers: [...headers, 'subject'] };
        const messages = await fetchGiven(client, range, query);
        for (const message of messages) structures.set(message.uid, message.bodyStructure);
        const given = new Map(messages.map((message) => [message.uid, headOf(message)]));
        heads.push(...range.map((one) => given.get(one) ?? { ...NOTHING_KNOWN, uid: one }));
      }
      return heads;
    },
    async text({ uid }) {
      const shown = async (type: string): Promise<string | undefined> => {
        const texts: string[] = [];
        for (const part of textParts(structures.get(uid), type)) {
          const text = await partOf(client, uid, part);
          if (text === undefined) return undefined;
          texts.push(text);
        }
        return texts.join('\n').slice(0, TEXT_BYTES);
      };
      const [plain, html] = [await shown('text/plain'), await shown('text/html')];
      return plain === undefined || html === undefined ? undefined : { plain, html };
    },
  };
}

const NOTHING_KNOWN: Omit<MailHead, 'uid'> = { receivedMs: 0, messageId: '', from: [], to: [], subject: '', headers: [], isLost: true };

/**
 * One by one where a server refuses them together: one that it has lost keeps no others. Throws `unavailable` when it gives none
 * of several.
 */
async function fetchGiven(client: ImapFlow, uids: readonly number[], query: FetchQueryObject): Promise<FetchMessageObject[]> {
  try {
    return await client.fetchAll(uids.join(','), query, { uid: true });
  } catch (error) {
    if (!isRefused(error)) throw imapError(error);
    const [one, ...others] = uids;
    if (one === undefined || others.length === 0) return [];
    const found: FetchMessageObject[] = [];
    for (const uid of uids) found.push(...(await fetchGiven(client, [uid], query)));
    if (found.length === 0) throw imapError(error);
    return found;
  }
}

const isRefused = (error: unknown): boolean => error instanceof Error && Reflect.get(error, 'responseStatus') === 'NO';

/** Undefined where it is not to be had. */
async function partOf(client: ImapFlow, uid: number, { part = '1' }: MessageStructureObject): Promise<string | undefined> {
  try {
    const { content } = await client.download(String(uid), part, { uid: true, maxBytes: TEXT_BYTES });
    return content === undefined ? undefined : decodeText(await buffer(content));
  } catch (error) {
    // A server that stumbles over one mail hangs up: whether it is this one's fault, the next looks show.
    const said = imapError(error);
    if (said.code === 'unavailable') return undefined;
    throw said;
  }
}

function headOf({ uid, envelope, internalDate, headers }: FetchMessageObject): MailHead {
  const addresses = (list: readonly { address?: string | undefined }[] | undefined): string[] =>
    (list ?? []).flatMap(({ address }) => (address === undefined || address === '' ? [] : [address.toLowerCase()]));
  return {
    uid,
    receivedMs: new Date(internalDate ?? 0).getTime() || 0,
    messageId: envelope?.messageId ?? '',
    from: addresses(envelope?.from),
    to: addresses([...(envelope?.to ?? []), ...(envelope?.cc ?? [])]),
    subject: repairSubject(envelope?.subject ?? '', headers)
      .replace(/\s+/g, ' ')
      .trim(),
    headers: (headers?.toString('utf8') ?? '')
      .replace(/\r?\n[ \t]+/g, ' ')
      .split(/\r?\n/)
      .flatMap((line): [string, string][] => {
        const [, name, value] = /^([!-9;-~]+):\s*(.*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]];
      }),
  };
}

/** Those of its type that are not attached: a scanner or a list puts its own words above or below, a sender goes on after a picture. */
function textParts(structure: MessageStructureObject | undefined, wanted: string): MessageStructureObject[] {
  const parts = structure === undefined ? [] : leaves(structure);
  return parts.filter(({ disposition, type }) => disposition !== 'attachment' && type === wanted).slice(0, MOST_PARTS);
}

function leaves(structure: MessageStructureObject): MessageStructureObject[] {
  // A mail inside of a mail is an attachment, and not this one's text.
  if (structure.type === 'message/rfc822') return [];
  return structure.childNodes === undefined ? [structure] : structure.childNodes.flatMap(leaves);
}

/** The library's errors, and they alone, as ours. */
async function told<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    throw imapError(error);
  }
}

/** RFC 5530: refusals that say nothing of the credentials, also at the log-in. */
const NOT_NOW = ['UNAVAILABLE', 'INUSE', 'LIMIT', 'SERVERBUG'];

function imapError(error: unknown): DeskError {
  if (error instanceof DeskError) return error;
  const said = (name: string): unknown => (error instanceof Error ? Reflect.get(error, name) : undefined);
  const code = String(said('serverResponseCode'));
  if (NOT_NOW.includes(code)) return new DeskError('unavailable', 'IMAP: the server cannot now', { cause: error });
  if (code === 'NONEXISTENT') return new DeskError('config', 'IMAP: the mailbox is not there', { cause: error });
  if (said('authenticationFailed') === true) return new DeskError('auth', 'IMAP: the credentials are refused', { cause: error });
  if (said('mailboxMissing') === true) return new DeskError('config', 'IMAP: the mailbox is not there', { cause: error });
  if (said('tlsFailed') === true) return new DeskError('config', 'IMAP: the server does not encrypt, or not as it must', { cause: error });
  if (isRefused(error)) return new DeskError('unavailable', 'IMAP: the server refuses', { cause: error });
  if (said('responseStatus') === 'BAD') return new DeskError('invalid', 'IMAP: the server does not understand', { cause: error });
  return networkError(error, 'IMAP');
}
