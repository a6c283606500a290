/** The mail that brings a code: short, the same in text and in HTML, without a link and without an image. Pure. */
import { CODE_MAIL } from '#desk/words/mail.ts';

/** `who` asks; `until` is when the code ends, `minutes` how long it lives. */
export type CodeMail = {
  to: string;
  who: string;
  organisations: readonly string[];
  code: string;
  minutes: number;
  until: Date;
  timeZone: string;
};
export type Letter = { to: string; subject: string; text: string; html: string };

export function codeLetter({ to, who, organisations, code, minutes, until, timeZone }: CodeMail): Letter {
  const hour = new Intl.DateTimeFormat('fr-FR', { hour: 'numeric', minute: '2-digit', timeZone }).format(until);
  const spaced = `${code.slice(0, 4)}\u00a0${code.slice(4)}`;
  const before = [CODE_MAIL.hello, CODE_MAIL.asks({ who, organisations, mail: to }), CODE_MAIL.code];
  const after = [CODE_MAIL.until({ minutes, until: hour.replace(':', '\u00a0h\u00a0') }), CODE_MAIL.notYou];
  const paragraph = (text: string): string => `<p>${escape(text)}</p>`;
  return {
    to,
    subject: CODE_MAIL.subject,
    text: `${[...before, `    ${spaced}`, ...after].join('\n\n')}\n`,
    html: [
      '<!doctype html><html lang="fr"><body>',
      ...before.map(paragraph),
      `<p style="font-size:1.5em"><strong>${spaced}</strong></p>`,
      ...after.map(paragraph),
      '</body></html>',
    ].join('\n'),
  };
}

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Names come from identity providers. */
function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => SIGNS[sign] ?? sign);
}
