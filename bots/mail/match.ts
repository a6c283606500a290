/** A mail beside the rules: what it is about and what the desk may know of it. Its text goes no further. Pure. */
import { NBSP, NNBSP, quote } from '#desk/words/typography.ts';
import { fill, MOST_PEOPLE, type Values } from '../declared.ts';
import type { MailHead, MailText } from '../io.ts';
import { htmlToText } from '../mail-text.ts';
import { isAuthenticated } from '../mail-trust.ts';
import type { Config, Rule } from './config.ts';

/** `id`: that of the mail itself, for an admin who looks for it. `fault`: a mail from an admitted sender that is of no use. */
export type MailPayload = { mail: string; receivedMs: number } & ({ rule: number; key: string; values: Values } | { fault: string });

export const HEADERS = ['authentication-results', 'auto-submitted', 'received'] as const;
const [LONGEST_VALUE, LONGEST_SUBJECT] = [500, 1000]; // regular expressions are the site's own: what they are given is bounded

/** Rules whose senders this is; none: the mail is nobody's business here, like any other that strangers send. */
export function rulesFor({ from, headers }: MailHead, { rules }: Config): number[] {
  const isReply = headers.some(([name, value]) => name === 'auto-submitted' && /^auto-replied/i.test(value));
  if (isReply || from.length !== 1) return [];
  const isFrom = (sender: string): boolean =>
    from.some((one) => (sender.startsWith('@') ? one.endsWith(sender.toLowerCase()) : one === sender.toLowerCase()));
  return rules.flatMap((rule, index) => (rule.from.some(isFrom) ? [index] : []));
}

export function readMail(head: MailHead, body: MailText | undefined, at: { config: Config; uidValidity: string }): MailPayload | undefined {
  const { config, uidValidity } = at;
  if (head.isLost) return { mail: `${uidValidity}/${head.uid}`, receivedMs: 0, fault: 'le serveur de messagerie ne le donne pas' };
  const admitted = rulesFor(head, config);
  if (admitted.length === 0) return undefined;
  const mail = (head.messageId || `${uidValidity}/${head.uid}`).slice(0, 200);
  const said = { mail, receivedMs: head.receivedMs };
  if (config.authserv !== 'aucun' && !isAuthenticated(head, config.authserv))
    return { ...said, fault: 'expéditeur que le serveur de messagerie n’a pas authentifié' };
  if (body === undefined) return { ...said, fault: 'texte que le serveur de messagerie ne donne pas' };
  const text = `${body.plain}\n${htmlToText(body.html)}`;
  for (const index of admitted) {
    const rule = config.rules[index];
    const caught = rule === undefined ? undefined : catchValues(rule, head.subject.slice(0, LONGEST_SUBJECT), text);
    if (rule === undefined || caught === undefined) continue;
    const values = { ...caught, ...ownValues(head), ...rule.values };
    return { ...said, rule: index, key: rule.id === undefined ? mail : fill(rule.id, values), values };
  }
  return { ...said, fault: 'aucun modèle ne reconnaît ce mail d’un expéditeur admis' };
}

/** Of a sample alone it is said why nobody would see it. */
export function passedOver({ messageId, from }: MailHead): MailPayload {
  const whose = `réponse automatique, ou expéditeur ${quote(from.join(', '))} qu’aucun modèle n’admet`;
  const fault = from.length === 0 ? `ce fichier ne dit aucun expéditeur${NBSP}: est-ce un mail (.eml)${NNBSP}?` : whose;
  return { mail: messageId.slice(0, 200) || 'sans identifiant', receivedMs: 0, fault };
}

function catchValues({ subject, body }: Rule, said: string, text: string): Record<string, string> | undefined {
  const [inSubject, inBody] = [new RegExp(subject, 'iu').exec(said), body === undefined ? undefined : new RegExp(body, 'imu').exec(text)];
  if (inSubject === null || inBody === null) return undefined;
  // A group that did not take part is undefined, whatever its type says.
  const groups: Record<string, string | undefined> = { ...inSubject.groups, ...inBody?.groups };
  const clean = (value = ''): string => value.replace(/\s+/g, ' ').trim().slice(0, LONGEST_VALUE);
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, clean(value)]));
}

function ownValues({ subject, from, to }: MailHead): Record<string, string> {
  return { objet: subject.slice(0, LONGEST_VALUE), expéditeur: from[0] ?? '', destinataires: to.slice(0, MOST_PEOPLE + 1).join(';') };
}
