/**
 * The same list in a folder of a Nextcloud, as its WebDAV (sabre/dav) answers: the folder itself and one in it among the files,
 * what a thing has not in a propstat of its own, dates of whole seconds, errors in XML.
 */
import { createHash } from 'node:crypto';
import { serve, type Fault, type RunningTwin, type Twin, type TwinAnswer, type TwinCall, type TwinOptions } from '../twin.ts';
import { controlsOf, DECLARED, Export } from './twin-export.ts';

const FOLDER = '/remote.php/dav/files/depot/D%c3%a9p%c3%b4t%20GTA';
const [USER, PASSWORD] = ['depot', 'Xy7Qa-9bT2k-LmN4p-R6sVw-Zc8Jd'];
const ROOT = '<d:multistatus xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns">';

type Dropped = { bytes: Buffer; at: Date };

class Cloud {
  readonly files = new Map<string, Dropped>([['Lisez-moi.md', { bytes: Buffer.from('# Dépôt\n'), at: new Date() }]]);
  /** The list as its tool writes it, and what becomes of it on its way. */
  text = '';
  change: (text: string) => string | Buffer = (text) => text;
  isOpen = true;

  drop(): void {
    this.files.set('demandes été.csv', { bytes: Buffer.from(this.change(this.text)), at: new Date() });
  }

  answer({ method, path, headers }: TwinCall): TwinAnswer {
    const given = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
    if (!this.isOpen || headers.authorization !== given)
      return fault(401, 'NotAuthenticated', { 'www-authenticate': 'Basic realm="Nextcloud", charset="UTF-8"' });
    const [folder, name, more] = placeOf(path);
    const file = this.files.get(name);
    if (!folder || more !== undefined || (name !== '' && file === undefined)) return fault(404, 'NotFound');
    if (method === 'PROPFIND') return this.#list(name, headers['depth']);
    if (method !== 'GET' || file === undefined) return fault(405, 'MethodNotAllowed');
    return { headers: { 'content-type': 'text/csv;charset=UTF-8', etag: `"${tagOf(file)}"` }, body: file.bytes };
  }

  #list(name: string, depth: unknown): TwinAnswer {
    if (depth !== '0' && depth !== '1') return fault(403, 'Forbidden'); // infinity, which sabre/dav has off
    const own = name === '' ? [folderAt(''), ...(depth === '0' ? [] : [folderAt('Trait%c3%a9s/')])] : [];
    const files = [...this.files].filter(([one]) => name === one || (name === '' && depth === '1')).map(([one, file]) => fileAt(one, file));
    const body = `<?xml version="1.0"?>\n${ROOT}${[...own, ...files].join('')}</d:multistatus>`;
    return { status: 207, headers: { 'content-type': 'application/xml; charset=utf-8', dav: '1, 3, extended-mkcol' }, body };
  }
}

/** Whether it is in the folder, the name in it, and what comes after. */
function placeOf(path: string): [boolean, string, string?] {
  const [own, asked] = [FOLDER, path].map((one) => decodeURIComponent(one).split('/'));
  const isIn = own?.every((part, at) => asked?.[at] === part) === true;
  const [name = '', more] = asked?.slice(own?.length) ?? [];
  return [isIn, name, ...(more === undefined ? ([] as const) : ([more] as const))];
}

const tagOf = ({ bytes, at }: Dropped): string => createHash('md5').update(bytes).update(String(at.getTime())).digest('hex');
const propstat = (properties: string, status: string): string =>
  `<d:propstat><d:prop>${properties}</d:prop><d:status>HTTP/1.1 ${status}</d:status></d:propstat>`;

function fileAt(name: string, file: Dropped): string {
  const own = `<d:getlastmodified>${file.at.toUTCString()}</d:getlastmodified><d:getcontentlength>${file.bytes.length}</d:getcontentlength>`;
  const tag = `<d:getetag>&quot;${tagOf(file)}&quot;</d:getetag><d:resourcetype/>`;
  return `<d:response><d:href>${FOLDER}/${encodeURIComponent(name)}</d:href>${propstat(own + tag, '200 OK')}</d:response>`;
}

function folderAt(name: string): string {
  const own = `<d:getlastmodified>${new Date().toUTCString()}</d:getlastmodified><d:getetag>&quot;6566f1c&quot;</d:getetag>`;
  const type = '<d:resourcetype><d:collection/></d:resourcetype>';
  const lacking = propstat('<d:getcontentlength/>', '404 Not Found');
  return `<d:response><d:href>${FOLDER}/${name}</d:href>${propstat(own + type, '200 OK')}${lacking}</d:response>`;
}

function fault(status: number, name: string, headers: Record<string, string> = {}): TwinAnswer {
  const body = `<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">\n  <s:exception>Sabre\\DAV\\Exception\\${name}</s:exception>\n  <s:message/>\n</d:error>\n`;
  return { status, headers: { 'content-type': 'application/xml; charset=utf-8', ...headers }, body };
}

async function start({ port }: TwinOptions = {}): Promise<RunningTwin> {
  const cloud = new Cloud();
  const tool = new Export((text) => {
    cloud.text = text;
    cloud.drop();
  });
  tool.write();
  const server = await serve((call) => cloud.answer(call), port === undefined ? {} : { port });
  return {
    url: server.url,
    config: { webdav: { baseUrl: `${server.url}${FOLDER}`, user: USER, password: PASSWORD }, ...DECLARED },
    calls: server.calls,
    ...controlsOf(tool),
    /** A list that comes otherwise lies there otherwise: its size and its tag are those of what lies there. */
    fail(told?: Fault) {
      const isMangled = told?.kind === 'mangled';
      cloud.change = isMangled ? (text) => told.change(text.replace(/^\uFEFF/, '')) : (text) => text;
      cloud.drop();
      server.fail(isMangled ? undefined : told);
    },
    revoke: () => void (cloud.isOpen = false),
    restore: () => void (cloud.isOpen = true),
    stop: () => server.stop(),
  };
}

const TABLE = 'ce que la règle dérègle est du JSON ou un calendrier ; les défauts d’une liste : test/unit/bots/csv.test.ts';

export const twin: Twin = {
  start,
  skip: [
    { rule: 'watch: wakes within two seconds of a change, and not any more once it was stopped', reason: 'WebDAV ne prévient de rien' },
    ...[
      'bad input: every object twice is each once',
      'bad input: words in another case mean the same',
      'bad input: objects without any date are there',
      'bad input: members nobody knows are passed over',
      'bad input: a list that is cut short is never all there is',
      'bad input: dates of another zone, or of none, are the same days and hours in Paris',
      'bad input: a clock that is an hour off closes nothing and passes over nothing',
    ].map((rule) => ({ rule, reason: TABLE })),
  ],
};
