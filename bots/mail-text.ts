/** What is in a mail, as its reader sees it: HTML as text, a subject that says no charset. Pure and total; no page is built. */
import { Parser } from 'htmlparser2';

const UNSEEN = ['script', 'style', 'head', 'title'];
const LINES = /^(p|div|tr|li|h\d)$/;

/**
 * Each link's address behind its words. By htmlparser2, which many keep and sanitize-html reads with: its time grows with the
 * length alone, where regular expressions took minutes over 64 kB of tags that never end.
 */
export function htmlToText(html: string): string {
  let text = '';
  let unseen = 0;
  const parser = new Parser({
    onopentag(name, { href }) {
      if (UNSEEN.includes(name)) unseen += 1;
      else if (name === 'body') unseen = 0;
      if (name === 'a' && href !== undefined) text += ` ${href} `;
      text += name === 'br' ? '\n' : ' ';
    },
    onclosetag(name) {
      if (UNSEEN.includes(name)) unseen = Math.max(0, unseen - 1);
      text += LINES.test(name) ? '\n' : ' ';
    },
    ontext(words) {
      if (unseen === 0) text += words;
    },
  });
  parser.end(html);
  return text
    .replace(/[\u00AD\u200B\u200C]/g, '') // where a line may break
    .replaceAll('\uFFFD', ' ')
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

/**
 * A mail's text, where the reader of mails has made UTF-8 of what says a charset that it knows. What says none, or a wrong one, is
 * Windows-1252 unless some of it is UTF-8; and so are the signs that Latin-1 has no letters for, as every program reads them.
 */
export function decodeText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes, { stream: true }); // it may be cut off within a letter
  const isUtf8 = !text.includes('\uFFFD') || /[^\0-\x7F\uFFFD]/.test(text) || Buffer.from(bytes).includes('\uFFFD');
  return (isUtf8 ? text : ANSI.decode(bytes)).replace(/[\x80-\x9F]/g, (sign) => ANSI.decode(Buffer.from(sign, 'latin1')));
}

const ANSI = new TextDecoder('windows-1252');

/**
 * A subject that was sent as bytes, without saying of what charset, as old programs do. Readers that know Unicode alone make
 * « Accus� » of it: then it is Windows-1252, in which every byte is something.
 */
export function repairSubject(subject: string, header: Uint8Array | undefined): string {
  if (!subject.includes('\uFFFD') || header === undefined) return subject;
  const [above = ''] = ANSI.decode(header).split(/\r?\n\r?\n/);
  const raw = /^subject:(.*(?:\r?\n[ \t].*)*)/im.exec(above)?.[1];
  return raw === undefined || /=\?|ï¿½/.test(raw) ? subject : raw; // « ï¿½ »: lost before it was sent
}
