/** What WebDAV servers answer, each in its own way: read the same, or refused with a word for it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { csv } from '../../../bots/csv/index.ts';
import type { Folder } from '../../../bots/io.ts';
import { makeGuard } from '../../../bots/io-guard.ts';
import { makeIo } from '../../../bots/io.ts';

const DATE = 'Fri, 27 Nov 2026 07:00:00 GMT';
const LIST = 'Numéro;Objet;Agent\r\n1;Congé;claire@ville.example\r\n';
const ok = (more: string): string =>
  `<D:propstat><D:prop><D:getlastmodified>${DATE}</D:getlastmodified><D:getcontentlength>${Buffer.byteLength(LIST)}</D:getcontentlength>${more}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>`;
const file = (href: string, more = '<D:getetag>"a"</D:getetag><D:resourcetype/>'): string =>
  `<D:response><D:href>${href}</D:href>${ok(more)}</D:response>`;
const multi = (...responses: string[]): string =>
  `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">${responses.join('')}</D:multistatus>`;
const folder = (href: string): string => file(href, '<D:resourcetype><D:collection/></D:resourcetype>');

type Answer = { status?: number; type?: string; body: string | Buffer };
type Asked = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that answers so, and how the bot of a connection to `/depot` there finds its folder. */
async function at(
  answer: (asked: Asked) => Answer,
): Promise<{ visit: <T>(look: (of: Folder) => Promise<T>) => Promise<T>; asked: Asked[]; origin: string }> {
  const asked: Asked[] = [];
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = request;
    asked.push({ method, url, headers });
    const {
      status = method === 'PROPFIND' ? 207 : 200,
      type = method === 'PROPFIND' ? 'application/xml' : 'text/csv',
      body,
    } = answer({ method, url, headers });
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  const guard = makeGuard({ privateNetworks: ['127.0.0.0/8'] });
  const io = makeIo({ origins: [`${origin}/depot`], guard, log: silent, requestId: 'essai' });
  return { visit: (look) => io.folder(look, { user: 'u', password: 'p' }), asked, origin };
}

/** The names that a server's answer lists. */
async function names(answer: string | Answer | ((asked: Asked) => Answer)): Promise<string[]> {
  const given = typeof answer === 'function' ? answer : () => (typeof answer === 'string' ? { body: answer } : answer);
  const { visit } = await at(given);
  return (await visit((of) => of.list())).map(({ name }) => name);
}

describe('a list of a WebDAV folder', () => {
  it('is asked for with its depth, four properties and the account’s own name', async () => {
    const { visit, asked } = await at(() => ({ body: multi(folder('/depot/')) }));
    expect(await visit((of) => of.list())).toEqual([]);
    expect(asked).toMatchObject([
      { method: 'PROPFIND', url: '/depot/', headers: { depth: '1', authorization: `Basic ${Buffer.from('u:p').toString('base64')}` } },
    ]);
  });

  it('has its files by any form of their addresses, and neither itself, nor folders, nor what lies deeper or elsewhere', async () => {
    const listed = await names(
      multi(
        ...['/depot/', '/depot', '/depot/sous/', '/depot/sans-barre'].map(folder),
        ...[
          '/depot/a.csv',
          'https://dav.interne.example/depot/b.csv',
          '/depot/%c3%A9t%C3%a9.csv',
          '/depot/%E9.csv',
          '/DEPOT/c%20d.csv',
        ].map((href) => file(href)),
        ...['/depot/raw é.csv', '/depot/100%.csv', ' /depot/e.csv\n', '//depot/f.csv', '/depot/a%2Fb.csv', '/depot/./g.csv'].map((href) =>
          file(href),
        ),
        ...['/depot/sous/x.csv', '/autre/x.csv', '/depot/../x.csv', '/depot/%2e%2e/x.csv', 'http://', '/depotx/x.csv'].map((href) =>
          file(href),
        ),
      ),
    );
    expect(listed.toSorted()).toEqual(
      ['a.csv', 'b.csv', 'été.csv', 'é.csv', 'c d.csv', 'raw é.csv', '100%.csv', 'e.csv', 'f.csv', 'g.csv'].toSorted(),
    );
  });

  it.each([
    ['no prefix', `<multistatus xmlns="DAV:"><response><href>/depot/a.csv</href>${ok('').replaceAll('D:', '')}</response></multistatus>`],
    ['another prefix', multi(file('/depot/a.csv')).replaceAll('D:', 'lp1:').replace('xmlns:D', 'xmlns:lp1')],
    [
      'one prefix inside another',
      multi(file('/depot/a.csv').replaceAll('D:get', 'x:get').replaceAll('<D:prop>', '<D:prop xmlns:x="DAV:">')),
    ],
    ['properties of others beside', multi(file('/depot/a.csv', '<z:getetag xmlns:z="z:">no</z:getetag><oc:id xmlns:oc="o">1</oc:id>'))],
    ['CDATA and comments', multi(file('<!-- x --><![CDATA[/depot/a.csv]]>'))],
    ['a byte order mark', `\uFEFF${multi(file('/depot/a.csv'))}`],
    ['each twice', multi(file('/depot/a.csv'), file('/depot/a.csv'))],
    [
      'a file that is gone by now',
      multi(file('/depot/a.csv'), '<D:response><D:href>/depot/b.csv</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>'),
    ],
    [
      'a folder that is not ours to see',
      multi(file('/depot/a.csv'), '<D:response><D:href>/depot/s/</D:href><D:status>HTTP/1.1 403 Forbidden</D:status></D:response>'),
    ],
    ['200 for 207', { status: 200, body: multi(file('/depot/a.csv')) }],
  ] as const)('with %s is read', async (_, answer) => {
    expect(await names(answer)).toEqual(['a.csv']);
  });

  it('has size, date and mark of the propstat that went well, the mark without its weakness and quotes', async () => {
    const lacking =
      '<D:propstat><D:prop><D:getlastmodified/><D:getetag>"no"</D:getetag></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>';
    const { visit } = await at(() => ({
      body: multi(file('/depot/a.csv', '<D:getetag>W/"a1"</D:getetag>').replace('</D:response>', `${lacking}</D:response>`)),
    }));
    expect(await visit((of) => of.list())).toEqual([
      { name: 'a.csv', size: Buffer.byteLength(LIST), modifiedMs: Date.parse(DATE), etag: 'a1' },
    ]);
  });

  it('of ten thousand is there', async () => {
    const listed = await names(multi(folder('/depot/'), ...Array.from({ length: 10_000 }, (_, n) => file(`/depot/f${n}.csv`))));
    expect(new Set(listed).size).toBe(10_000);
  });

  it.each([
    ['cut short', multi(file('/depot/a.csv')).slice(0, -30), 'unavailable'],
    ['cut between two', multi(file('/depot/a.csv')).replace('</D:multistatus>', ''), 'unavailable'],
    ['empty', '', 'unavailable'],
    ['a log-in page', { status: 207, type: 'text/html', body: '<html><form><input type="password"></form></html>' }, 'auth'],
    ['a log-in page with 200', { status: 200, type: 'text/html', body: '<html><form><input type="password"></form></html>' }, 'auth'],
    ['another document', '<?xml version="1.0"?><rss/>', 'invalid'],
    ['one that is called so only', '<multistatus><response/></multistatus>', 'invalid'],
    ['of another folder', multi(folder('/autre/'), file('/autre/a.csv')), 'invalid'],
    ['with a DTD', `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${multi(file('/depot/&b;.csv'))}`, 'invalid'],
    ['with an entity nobody defines', multi(file('/depot/&eacute;.csv')), 'unavailable'],
    ['nested without end', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`, 'invalid'],
    [
      'that says the folder itself is refused',
      multi('<D:response><D:href>/depot/</D:href><D:status>HTTP/1.1 403 Forbidden</D:status></D:response>'),
      'denied',
    ],
    ['401', { status: 401, body: '' }, 'auth'],
    ['403', { status: 403, body: '' }, 'denied'],
    ['404', { status: 404, body: '' }, 'config'],
    ['405', { status: 405, body: '' }, 'config'],
    ['423', { status: 423, body: '' }, 'unavailable'],
    ['501', { status: 501, body: '' }, 'config'],
    ['507', { status: 507, body: '' }, 'unavailable'],
  ] as const)('that is %s is said', async (_, answer, code) => {
    await expect(names(answer)).rejects.toMatchObject({ code });
  });
});

describe('a file of a WebDAV folder', () => {
  /** Listed, then read; `then` is what the server answers from the list on. */
  const read = async (list: string, then: (asked: Asked) => Answer) => {
    let isListed = false;
    const { visit, asked, origin } = await at((one) => {
      if (isListed) return then(one);
      isListed = true;
      return { body: list };
    });
    const bytes = await visit(async (of) => {
      const [first] = await of.list();
      return first === undefined ? undefined : of.read(first);
    });
    return { text: Buffer.from(bytes ?? []).toString(), asked, origin };
  };
  const served =
    (list: string) =>
    ({ method }: Asked): Answer => ({ body: method === 'GET' ? LIST : list });

  it('is asked for as the server wrote its address, at our own origin', async () => {
    const list = multi(file('https://dav.interne.example/depot/%c3%A9%20a.csv?v=1'));
    const { text, asked } = await read(list, served(list));
    expect(text).toBe(LIST);
    expect(asked.map(({ method, url, headers }) => [method, url, headers['depth']])).toEqual([
      ['PROPFIND', '/depot/', '1'],
      ['GET', '/depot/%c3%A9%20a.csv?v=1', undefined],
      ['PROPFIND', '/depot/%c3%A9%20a.csv?v=1', '0'],
    ]);
  });

  it('is the same by its mark whatever its date, and by its date and size where it has no mark', async () => {
    const list = multi(file('/depot/a.csv', '<D:getetag>W/"a"</D:getetag>'));
    const later = multi(file('/depot/a.csv')).replace(DATE, 'Fri, 27 Nov 2026 08:00:00 GMT');
    expect((await read(list, served(later))).text).toBe(LIST);
    const bare = multi(file('/depot/a.csv', ''));
    expect((await read(bare, served(bare))).text).toBe(LIST);
    await expect(read(bare, served(bare.replace(DATE, 'Fri, 27 Nov 2026 07:00:01 GMT')))).rejects.toMatchObject({ code: 'unavailable' });
  });

  const list = multi(file('/depot/a.csv'));
  it.each([
    ['changed since it was listed', served(multi(file('/depot/a.csv', '<D:getetag>"b"</D:getetag>'))), 'unavailable'],
    ['went while it was read', ({ method }: Asked) => (method === 'GET' ? { body: LIST } : { status: 404, body: '' }), 'unavailable'],
    ['went before', () => ({ status: 404, body: '' }), 'unavailable'],
    ['is half there', ({ method }: Asked) => ({ body: method === 'GET' ? LIST.slice(0, 20) : list }), 'unavailable'],
    ['is locked', () => ({ status: 423, body: '' }), 'unavailable'],
    ['is not ours to read', () => ({ status: 403, body: '' }), 'denied'],
    ['is a log-in page by now', () => ({ type: 'text/html', body: '<input type="password">' }), 'auth'],
  ] as const)('that %s is not used', async (_, then, code) => {
    await expect(read(list, then)).rejects.toMatchObject({ code });
  });

  it('whose date the server does not tell is refused, and so is one that it only has a status for', async () => {
    const undated = multi(file('/depot/a.csv').replace(DATE, 'hier'));
    await expect(read(undated, served(undated))).rejects.toMatchObject({ code: 'invalid' });
    const refused = multi('<D:response><D:href>/depot/a.csv</D:href><D:status>HTTP/1.1 403 Forbidden</D:status></D:response>');
    await expect(read(refused, served(refused))).rejects.toMatchObject({ code: 'invalid' });
  });

  it('of more than fifty megabytes is not fetched', async () => {
    const large = multi(file('/depot/a.csv').replace(/length>\d+/, 'length>50000001'));
    await expect(read(large, served(large))).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('a connection by WebDAV', () => {
  const columns = { id: 'a', title: 'b', agent: { mail: 'c' } };
  const webdav = { baseUrl: 'https://nuage.example/depot/', user: 'u', password: 'p' };
  const issues = (config: object) => csv.config.safeParse({ columns, ...config }).error?.issues.map(({ path }) => path.join('.'));

  it('is one of three ways, with an address without account and a password', () => {
    expect(issues({ webdav })).toBeUndefined();
    expect(issues({})).toEqual(['folder']);
    expect(issues({ webdav, folder: '/depot' })).toEqual(['folder']);
    expect(issues({ webdav: { ...webdav, baseUrl: 'ftp://nuage.example' } })).toEqual(['webdav.baseUrl']);
    expect(issues({ webdav: { ...webdav, password: '' } })).toEqual(['webdav.password']);
    expect(csv.origins?.(csv.config.parse({ columns, webdav }))).toEqual(['https://nuage.example/depot']);
  });
});
