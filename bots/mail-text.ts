/** A mail's HTML as the text that its reader sees, each link's address behind its words. Pure and total; no page is built. */

const ENTITIES: Readonly<Record<string, string>> = {
  ...{
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: '’',
    nbsp: ' ',
    rsquo: '’',
    lsquo: '‘',
    laquo: '«',
    raquo: '»',
    ndash: '–',
    mdash: '—',
  },
  ...{ eacute: 'é', egrave: 'è', ecirc: 'ê', agrave: 'à', acirc: 'â', ccedil: 'ç', ocirc: 'ô', ugrave: 'ù', ucirc: 'û', icirc: 'î' },
  ...{ Eacute: 'É', Egrave: 'È', Agrave: 'À', Ccedil: 'Ç', hellip: '…', euro: '€', deg: '°' },
  ...{ iuml: 'ï', euml: 'ë', uuml: 'ü', oelig: 'œ', OElig: 'Œ', Ecirc: 'Ê', Ocirc: 'Ô', Icirc: 'Î', Acirc: 'Â', Ugrave: 'Ù' },
  ...{ bull: '•', middot: '·', ordm: 'º', zwnj: '', shy: '' },
};

export function htmlToText(html: string): string {
  const text = html
    .replace(/<!--[^]*?(-->|$)/g, '')
    .replace(/<(script|style|head|title)\b[^]*?(<\/\1\s*>|$)/gi, '')
    .replace(/<a\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)[^>]*>/gi, ' $1 ')
    .replace(/<(br|\/p|\/div|\/tr|\/li|\/h\d)\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, (whole, name: string) => entity(name) ?? whole);
  return text
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

function entity(name: string): string | undefined {
  if (!name.startsWith('#')) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  const code = name[1] === 'x' || name[1] === 'X' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : ' ';
}

/**
 * A subject that was sent as bytes, without saying of what charset, as old programs do. Readers that know Unicode alone make
 * « Accus� » of it: then it is Windows-1252, in which every byte is something.
 */
export function repairSubject(subject: string, header: Uint8Array | undefined): string {
  if (!subject.includes('\uFFFD') || header === undefined) return subject;
  const [above = ''] = new TextDecoder('windows-1252').decode(header).split(/\r?\n\r?\n/);
  const raw = /^subject:(.*(?:\r?\n[ \t].*)*)/im.exec(above)?.[1];
  return raw === undefined || raw.includes('=?') ? subject : raw;
}
