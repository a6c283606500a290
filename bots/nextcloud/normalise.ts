/** A notification → an item. Pure and total. */
import { z } from 'zod';
import { Instant } from '#desk/item.ts';
import { type At, type ItemDraft, type Normalised, NOTHING, type OfferedAction, type Payload, pointerTo, reject } from '../bot.ts';
import { fill, kindOf, Parameters, text, titleOf } from '../nextcloud-words.ts';
import { linkAt } from '../ocs.ts';

export const Id = z.preprocess((of) => (typeof of === 'string' && /^\d{1,15}$/.test(of) ? Number(of) : of), z.int().positive());
const Notification = z.object({
  notification_id: Id,
  app: z.string().min(1),
  object_type: text,
  object_id: text,
  subject: text,
  message: text,
  link: text,
  subjectRich: text,
  messageRich: text,
  subjectRichParameters: Parameters,
  messageRichParameters: Parameters,
  datetime: z.optional(Instant).catch(undefined),
});
const Actions = z.object({ actions: z.array(z.object({ label: text, link: text, type: text }).catch({ label: '', link: '', type: '' })) });

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
  const web = actions.filter(({ id }) => id === 'ouvrir').map(({ href }) => href);
  const joinUrl = app === 'spreed' ? web.find((href) => href.endsWith('#direct-call')) : undefined; // while it goes on
  const kind = kindOf(of, joinUrl !== undefined);
  const message = fill(of.messageRich, of.messageRichParameters) ?? of.message;
  const summary = app === 'onlyoffice' && of.object_type === 'mention' ? of.object_id : message; // there: the comment itself
  const title = titleOf(of) || message;
  if (title === '') return undefined;
  const objects = Object.values(rich).flatMap(({ type, id, link }) => [link, type === 'file' && id !== '' ? `${baseUrl}/f/${id}` : '']);
  const url = [of.link, ...objects, ...web].map((link) => linkAt(link, baseUrl)).find((href) => href !== undefined);
  return {
    key: String(of.notification_id),
    kind,
    title,
    ...(summary !== '' && summary !== title && { summary }),
    severity: kind === 'annonce' ? 'info' : 'normal',
    ...(datetime !== undefined && { createdAt: datetime }),
    ...(url !== undefined && { url }),
    ...(joinUrl !== undefined && { joinUrl }),
    people: Object.values(rich).flatMap((one) => (one.type === 'user' && one.name !== '' ? [{ role: 'by' as const, name: one.name }] : [])),
    actions: offered(actions, app === 'files_sharing'),
  };
}

type Read = { id: 'accepter' | 'refuser' | 'ouvrir'; label: string; href: string; verb: 'POST' | 'PUT' | 'DELETE' };

/**
 * The first of each id. Labels are translated, verbs are not; what leads elsewhere is only opened. Nextcloud puts the action
 * that it would do itself first: where nothing is deleted, the one after it is the other answer (teams: twice PUT).
 */
export function readActions(notification: unknown, baseUrl: string): Read[] {
  const all = (Actions.safeParse(notification).data?.actions ?? []).flatMap(({ label, link, type }): Read[] => {
    const href = linkAt(link, baseUrl);
    if (href === undefined || label === '') return [];
    const verb = (['POST', 'PUT', 'DELETE'] as const).find((one) => one === type.toUpperCase());
    const isOwn = verb !== undefined && new URL(href).origin === new URL(baseUrl).origin;
    return [{ id: isOwn ? (verb === 'DELETE' ? 'refuser' : 'accepter') : 'ouvrir', label: label.slice(0, 60), href, verb: verb ?? 'POST' }];
  });
  const [, other] = all.filter(({ id }) => id === 'accepter');
  if (other !== undefined && all.every(({ id }) => id !== 'refuser')) other.id = 'refuser';
  return all.filter(({ id }, at) => all.findIndex((one) => one.id === id) === at);
}

/** What an app we do not know offers is said in its own words and asked twice; a share is not done with by reading of it. */
function offered(actions: readonly Read[], isSharing: boolean): OfferedAction[] {
  const said = (label: string) => (isSharing ? {} : { label, risk: 'amber' as const });
  const some = actions.map(({ id, label, href }) => ({ id, ...(id === 'ouvrir' ? { label, href } : said(label)) }));
  return isSharing && some.some(({ id }) => id === 'accepter') ? some : [...some, { id: 'marquer-lu' }];
}
