/** A notification → an item; its Rich Object Strings (`{user} mentioned you in {file}`) → plain French. Pure and total. */
import { z } from 'zod';
import { Instant } from '#desk/item.ts';
import { quote } from '#desk/words/typography.ts';
import { type At, type ItemDraft, type Normalised, NOTHING, type OfferedAction, type Payload, pointerTo, reject } from '../bot.ts';
import { linkAt } from '../ocs.ts';

export const Id = z.preprocess((of) => (typeof of === 'string' && /^\d{1,15}$/.test(of) ? Number(of) : of), z.int().positive());
const text = z.preprocess((of) => (typeof of === 'string' || typeof of === 'number' ? String(of).trim() : ''), z.string());
const Parameter = z.object({ type: text, id: text, name: text, link: text, server: text });
const Parameters = z.record(z.string(), Parameter).catch({}); // PHP's empty map is `[]`
const Notification = z.object({
  notification_id: Id,
  app: z.string().min(1),
  ...{ object_type: text, object_id: text, subject: text, message: text, link: text, subjectRich: text, messageRich: text },
  ...{ subjectRichParameters: Parameters, messageRichParameters: Parameters, datetime: z.optional(Instant).catch(undefined) },
});
const Actions = z.object({ actions: z.array(z.object({ label: text, link: text, type: text }).catch({ label: '', link: '', type: '' })) });

/** By app, or app and object type: what is said of it in French, whatever language the server speaks. The first that is whole. */
const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  files_sharing: ['{user} partage {share} avec {group}', '{user} partage {share} au nom de {behalf}', '{user} partage {share}'],
  'onlyoffice/mention': ['{notifier} vous mentionne dans {file}'],
  'onlyoffice/document_unsaved': ['{file} n’a pas pu être enregistré\u00a0: rouvrez-le'],
  comments: ['{user} vous mentionne dans un commentaire sur {file}'],
};
const KINDS: Readonly<Record<string, string>> = {
  ...{ files_sharing: 'partage', comments: 'mention', 'onlyoffice/mention': 'mention', 'spreed/chat': 'mention', onlyoffice: 'document' },
  ...{ files: 'document', spreed: 'conversation', 'spreed/call': 'reunion', dav: 'reunion', deck: 'tache', files_reminders: 'rappel' },
  ...{ admin_notifications: 'annonce', announcementcenter: 'annonce', twofactor_nextcloud_notification: 'securite' },
};

export function normalise(payload: Payload, { baseUrl }: At<unknown>): Normalised {
  const { gone, ...ours } = z.object({ gone: z.int(), notification_id: z.any(), app: z.any() }).partial().safeParse(payload).data ?? {};
  if (gone !== undefined) return { items: [], rejected: [], closed: [{ key: String(gone) }] };
  if (Object.keys(ours).length === 0) return NOTHING;
  const parsed = Notification.safeParse(payload);
  if (!parsed.success) return reject('notification illisible', pointerTo(parsed.error));
  const item = itemOf(parsed.data, readActions(payload, baseUrl), baseUrl);
  return item === undefined ? reject('notification sans texte', '/subject') : { items: [item], rejected: [] };
}

function itemOf(of: z.infer<typeof Notification>, actions: readonly Read[], baseUrl: string): ItemDraft | undefined {
  const { app, subjectRichParameters: rich, datetime } = of;
  const name = `${app}/${of.object_type}`;
  const kind = KINDS[name] ?? KINDS[app] ?? 'notification';
  const message = fill(of.messageRich, of.messageRichParameters) ?? of.message;
  const summary = name === 'onlyoffice/mention' ? of.object_id : message; // there: the comment itself
  const sentences = [...(SENTENCES[name] ?? SENTENCES[app] ?? []), of.subjectRich].map((sentence) => fill(sentence, rich));
  const title = sentences.find((sentence) => sentence !== undefined) ?? (of.subject || message);
  if (title === '') return undefined;
  const objects = Object.values(rich).flatMap(({ type, id, link }) => [link, type === 'file' && id !== '' ? `${baseUrl}/f/${id}` : '']);
  const web = actions.filter(({ id }) => id === 'ouvrir').map(({ href }) => href);
  const url = [of.link, ...objects, ...web].map((link) => linkAt(link, baseUrl)).find((href) => href !== undefined);
  return {
    ...{ key: String(of.notification_id), kind, title },
    ...(summary !== '' && summary !== title && { summary }),
    severity: kind === 'annonce' ? 'info' : 'normal',
    ...(datetime !== undefined && { createdAt: datetime }),
    ...(url !== undefined && { url, ...(name === 'spreed/call' && { joinUrl: url }) }),
    people: Object.values(rich).flatMap((one) => (one.type === 'user' && one.name !== '' ? [{ role: 'by' as const, name: one.name }] : [])),
    actions: offered(actions, app === 'files_sharing'),
  };
}

/** The text with the names of its objects; undefined when it is empty or an object is missing: other words are better then. */
function fill(rich: string, parameters: z.infer<typeof Parameters>): string | undefined {
  let isWhole = rich !== '';
  const filled = rich.replaceAll(/([«“"„]\s*)?\{([\w-]+)\}/gu, (_, mark: string = '', of: string) => {
    const { type = '', name = '', server = '' } = (Object.hasOwn(parameters, of) ? parameters[of] : undefined) ?? {};
    isWhole &&= name !== '';
    const said = type === 'user' && server !== '' ? `${name} (${server.replace(/^https?:\/\//, '')})` : name.replace(/^\/+(?=.)/, '');
    return mark !== '' || /^(user|guest|user-group|circle|email|call)$/.test(type) ? `${mark}${said}` : quote(said);
  });
  return isWhole ? filled : undefined;
}

type Read = { id: 'accepter' | 'refuser' | 'ouvrir'; label: string; href: string; verb: 'POST' | 'PUT' | 'DELETE' };

/** The first of each id. Labels are translated, verbs are not; what leads elsewhere is only opened. */
export function readActions(notification: unknown, baseUrl: string): Read[] {
  const all = (Actions.safeParse(notification).data?.actions ?? []).flatMap(({ label, link, type }): Read[] => {
    const href = linkAt(link, baseUrl);
    if (href === undefined || label === '') return [];
    const verb = (['POST', 'PUT', 'DELETE'] as const).find((one) => one === type.toUpperCase());
    const isOwn = verb !== undefined && new URL(href).origin === new URL(baseUrl).origin;
    return [{ id: isOwn ? (verb === 'DELETE' ? 'refuser' : 'accepter') : 'ouvrir', label: label.slice(0, 60), href, verb: verb ?? 'POST' }];
  });
  return all.filter(({ id }, at) => all.findIndex((one) => one.id === id) === at);
}

/** What an app we do not know offers is said in its own words and asked twice; a share is not done with by reading of it. */
function offered(actions: readonly Read[], isSharing: boolean): OfferedAction[] {
  const said = (label: string) => (isSharing ? {} : { label, risk: 'amber' as const });
  const some = actions.map(({ id, label, href }) => ({ id, ...(id === 'ouvrir' ? { label, href } : said(label)) }));
  return isSharing && some.some(({ id }) => id === 'accepter') ? some : [...some, { id: 'marquer-lu' }];
}
