/**
 * The same folder, on a server that is reached by WebDAV (RFC 4918): a Nextcloud, Apache's mod_dav, IIS. Read only, through
 * the connection's own HTTP, so that its origins, limits and time-outs hold here too.
 */
import { DeskError } from '#desk/errors.ts';
import { byAge, checkFile, type Folder, type FolderFile, isSameFile, MAX_BYTES } from './io-folder.ts';
import type { Http, HttpAnswer } from './io-http.ts';
import { codeOf } from './io-status.ts';
import { readXml, type XmlElement } from './xml.ts';

/** Basic: of a Nextcloud an app password. */
export type WebdavAccess = { user: string; password: string };
export type WebdavOptions = { origin: string; http: Http; headers: Readonly<Record<string, string>> };

const PROPERTIES = ['getlastmodified', 'getcontentlength', 'getetag', 'resourcetype'];
const ASKED = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop>${PROPERTIES.map((name) => `<D:${name}/>`).join('')}</D:prop></D:propfind>`;
const LIST_BYTES = 50_000_000; // servers write up to a thousand for each file

/** What is there: the file, and where it is read. `size` is NO_SIZE, `modifiedMs` UNDATED where the server does not tell. */
type Member = { file: FolderFile; address: string };
const NO_SIZE = -1;
/** As the newest of all: nothing is read past it, and it itself is refused, since what it replaces is not known. */
const UNDATED = Number.MAX_SAFE_INTEGER;

/** The folder of a `http:` or `https:` origin. */
export function webdavFolder({ origin, http, headers }: WebdavOptions): Folder {
  const own = `${new URL(origin).href.replace(/\/+$/, '')}/`;
  const addresses = new Map<string, string>();
  let base = new URL(own);
  const look = async (address: string, depth: '0' | '1'): Promise<Member[] | undefined> => {
    const answer = await http(address, {
      method: 'PROPFIND',
      // Nextcloud's public shares want to be sure that no form of another page asks.
      headers: {
        ...headers,
        depth,
        accept: 'application/xml, text/xml',
        'content-type': 'application/xml; charset=utf-8',
        'x-requested-with': 'XMLHttpRequest',
      },
      body: ASKED,
      accept: [404, 405, 410, 423, 501],
      maxBytes: LIST_BYTES,
    });
    if (answer.status === 404 || answer.status === 410) return undefined;
    checkStatus(answer);
    if (depth === '1') base = new URL(answer.url);
    return membersOf(answer, base);
  };
  return {
    async list() {
      const members = await look(own, '1');
      if (members === undefined) throw new DeskError('config', 'WebDAV: the folder is not there');
      for (const { file, address } of members) addresses.set(file.name, address);
      // By name: a server that lists one twice has it once.
      return byAge([...new Map(members.map(({ file }) => [file.name, file])).values()]);
    },
    async read(file) {
      checkFile(file);
      if (file.modifiedMs === UNDATED) throw new DeskError('invalid', 'WebDAV: a dropped file whose date the server does not tell');
      const address = addresses.get(file.name) ?? `${own}${encodeURIComponent(file.name)}`;
      const answer = await http(address, { headers: { ...headers, accept: '*/*' }, accept: [404, 410, 423], maxBytes: MAX_BYTES });
      checkStatus(answer);
      // Asked once more: what GET says of itself is another's word where a proxy stands between.
      const now = (await look(address, '0'))?.find((member) => member.file.name === file.name)?.file;
      const isWhole = file.size === NO_SIZE || answer.bytes.length === file.size;
      if (now === undefined || !isSameFile(file, now) || !isWhole)
        throw new DeskError('unavailable', 'A dropped file changed while it was read');
      return answer.bytes;
    },
  };
}

/** A lock passes, and so does a file that was renamed since it was listed; a server without WebDAV stays one. */
function checkStatus({ status }: HttpAnswer): void {
  if (status < 400) return;
  const isDav = status !== 405 && status !== 501;
  throw new DeskError(isDav ? 'unavailable' : 'config', isDav ? `WebDAV: ${status}` : 'WebDAV: the server does not speak it there');
}

function membersOf(answer: HttpAnswer, base: URL): Member[] {
  const read = readXml(answer.text());
  if ('fault' in read) throw new DeskError(read.fault === 'broken' ? 'unavailable' : 'invalid', 'WebDAV: the answer is no whole XML');
  if (!isDav(read.root, 'multistatus')) throw new DeskError('invalid', 'WebDAV: the answer is no multistatus');
  const responses = read.root.elements.filter((one) => isDav(one, 'response'));
  const placed = responses.flatMap((response) => {
    const hrefs = response.elements.filter((one) => isDav(one, 'href'));
    return hrefs.flatMap((href) => placeOf(href.text.trim(), base) ?? []).map((place) => ({ response, ...place }));
  });
  if (placed.length === 0 && responses.length > 0) throw new DeskError('invalid', 'WebDAV: the server lists another folder');
  return placed.flatMap(({ response, name, address }) => {
    const file = fileOf(response, name, address.endsWith('/'));
    return file === undefined ? [] : [{ file, address }];
  });
}

type Place = { /** '' for the folder itself. */ name: string; address: string };

/** Relative or absolute, and written as the server likes: of an address only its path counts, at our own origin. */
function placeOf(href: string, base: URL): Place | undefined {
  const url = URL.parse(href.replace(/^\/+/, '/'), base);
  const path = url?.pathname.replace(/^\/+/, '/') ?? '/';
  const [own, parts] = [segmentsOf(base.pathname), segmentsOf(path)];
  const isInside = own.every((segment, at) => isAlike(segment, parts[at] ?? ''));
  if (!isInside || parts.length > own.length + 1) return undefined;
  return { name: parts[own.length] ?? '', address: `${base.origin}${path}${url?.search ?? ''}` };
}

function segmentsOf(path: string): string[] {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
}

/** What is no UTF-8 is Latin-1, as old servers write it. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  }
}

/** IIS and file systems of other makes change capitals, and take an accent for two letters. */
function isAlike(one: string, other: string): boolean {
  const plain = (text: string): string => text.normalize('NFC').toLowerCase();
  return plain(one) === plain(other);
}

/** Undefined for what is no file: the folder itself, one in it, what is gone by now. */
function fileOf(response: XmlElement, name: string, endsWithSlash: boolean): FolderFile | undefined {
  const status = statusOf(response);
  if (status === 404 || status === 410) return undefined;
  if (name === '' && status !== undefined && status >= 400) throw new DeskError(codeOf(status), `WebDAV: ${status} for the folder`);
  const properties = response.elements
    .filter((one) => isDav(one, 'propstat') && (statusOf(one) ?? 200) < 300)
    .flatMap((one) => one.elements.find((prop) => isDav(prop, 'prop'))?.elements ?? []);
  const find = (wanted: string): XmlElement | undefined => properties.find((one) => isDav(one, wanted));
  const type = find('resourcetype')?.elements ?? [];
  if (name === '' || endsWithSlash || type.some((one) => isDav(one, 'collection')) || /[/\\\0]/.test(name)) return undefined;
  const [modified, length] = [Date.parse(find('getlastmodified')?.text.trim() ?? ''), find('getcontentlength')?.text.trim() ?? ''];
  const etag = tagOf(find('getetag')?.text);
  return {
    name,
    size: /^\d{1,15}$/.test(length) ? Number(length) : NO_SIZE,
    modifiedMs: Number.isNaN(modified) ? UNDATED : modified,
    ...(etag !== '' && { etag }),
  };
}

const LONGEST_TAG = 200;

/** Without its weakness: Apache's tags are weak in the second of a change, and the same but strong in the next. */
function tagOf(text = ''): string {
  return text
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1')
    .slice(0, LONGEST_TAG);
}

function statusOf(element: XmlElement): number | undefined {
  const text = element.elements.find((one) => isDav(one, 'status'))?.text ?? '';
  const status = /^\s*HTTP\/\S+\s+(\d{3})\b/.exec(text)?.[1];
  return status === undefined ? undefined : Number(status);
}

function isDav({ space, name }: XmlElement, wanted: string): boolean {
  return space === 'DAV:' && name === wanted;
}
