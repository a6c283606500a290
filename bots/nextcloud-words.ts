/**
 * What the apps of a Nextcloud notify of: its kind, and its Rich Object Strings (`{user} mentioned you in {file}`) as plain
 * French. Pure. https://github.com/nextcloud/server/blob/master/lib/public/RichObjectStrings/Definitions.php
 */
import { z } from 'zod';
import { quote } from '#desk/words/typography.ts';

export const text = z.preprocess((of) => (typeof of === 'string' || typeof of === 'number' ? String(of).trim() : ''), z.string());
const Parameter = z.object({ type: text, id: text, name: text, link: text, server: text });
export const Parameters = z.record(z.string(), Parameter).catch({}); // PHP's empty map is `[]`
type Parameters = z.infer<typeof Parameters>;
type Told = {
  app: string;
  object_type: string;
  subject: string;
  subjectRich: string;
  subjectRichParameters: Parameters;
  messageRichParameters: Parameters;
};

/** By app, or app and object type: what is said of it in French, whatever language the server speaks. The first that is whole. */
const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  files_sharing: ['{user} partage {share} avec {group}', '{user} partage {share} au nom de {behalf}', '{user} partage {share}'],
  'onlyoffice/mention': ['{notifier} vous mentionne dans {file}'],
  'onlyoffice/document_unsaved': ['{file} n’a pas pu être enregistré\u00a0: rouvrez-le'],
  comments: ['{user} vous mentionne dans un commentaire sur {file}'],
};
const KINDS: Readonly<Record<string, string>> = {
  files_sharing: 'partage',
  comments: 'mention',
  'onlyoffice/mention': 'mention',
  onlyoffice: 'document',
  files: 'document',
  spreed: 'conversation',
  'spreed/reminder': 'rappel',
  dav: 'reunion',
  deck: 'tache',
  files_reminders: 'rappel',
  admin_notifications: 'annonce',
  announcementcenter: 'annonce',
  twofactor_nextcloud_notification: 'securite',
};

/** Talk tells all that is written under one name, and a call that is over under that of a call. */
export function kindOf({ app, object_type: about, messageRichParameters }: Told, isCalling: boolean): string {
  if (isCalling) return 'reunion';
  const isNamed = Object.keys(messageRichParameters).some((one) => one.startsWith('mention-'));
  if (app === 'spreed' && about === 'chat' && isNamed) return 'mention';
  return KINDS[`${app}/${about}`] ?? KINDS[app] ?? 'notification';
}

/** The first sentence that is whole, in French where we have one; empty when nothing is said. */
export function titleOf({ app, object_type: about, subject, subjectRich, subjectRichParameters: rich }: Told): string {
  const sentences = [...(SENTENCES[`${app}/${about}`] ?? SENTENCES[app] ?? []), subjectRich].map((sentence) => fill(sentence, rich));
  const plain = app === 'dav' ? subject.replace(/ \([^()]*\)$/, '') : subject; // how soon it is, which changes with every look
  return sentences.find((sentence) => sentence !== undefined) ?? plain;
}

/** The text with the names of its objects; undefined when it is empty or an object is missing: other words are better then. */
export function fill(rich: string, parameters: Parameters): string | undefined {
  let isWhole = rich !== '';
  const filled = rich.replaceAll(/([«“"„]\s*)?\{([\w-]+)\}/gu, (_, mark: string = '', of: string) => {
    const { type = '', name = '', server = '' } = (Object.hasOwn(parameters, of) ? parameters[of] : undefined) ?? {};
    isWhole &&= name !== '';
    const said = type === 'user' && server !== '' ? sayRemote(name, server) : name.replace(/^\/+(?=.)/, '');
    return mark !== '' || /^(user|guest|user-group|circle|email|call)$/.test(type) ? `${mark}${said}` : quote(said);
  });
  return isWhole ? filled : undefined;
}

/** Whoever has no name in the address book is called by her address, with the scheme in its middle. */
function sayRemote(name: string, server: string): string {
  const host = withoutScheme(server);
  return withoutScheme(name).includes(host) ? withoutScheme(name) : `${name} (${host})`;
}

const withoutScheme = (address: string): string => address.replace(/https?:\/\//, '');
