/**
 * What has to be confirmed, typed in any client: the desk bot asks, « oui » of the same person runs it, « non » drops it. A
 * bare « oui » answers the one question she was asked last; where there are two, she is asked which.
 */
import type { MatrixEvent, Request } from '#desk/event.ts';
import { checkInput, lengthsOf } from '#desk/input.ts';
import type { Placement } from '#desk/placement.ts';
import { REPLIES } from '#desk/words.ts';
import { HOUR_MS } from '#desk/zone.ts';
import { type Confirmation, confirmationAbout, endConfirmations, keepConfirmation, openConfirmations } from '#store/confirmations.ts';
import type { Store } from '#store/open.ts';
import { hasUnmarked } from '#store/outbox.ts';
import { findByEvents, type PlacementRow } from '#store/placements.ts';
import { NotYet } from './desk.ts';
import { sentenceRow, tell } from './outcome.ts';

/** What handling gives: where she is, and what it does itself with a request or a redaction. */
export type ReplyPlace = {
  desk: { address: string; roomId: string; agent: string; timeZone: string };
  toolOf: (rows: readonly PlacementRow[]) => string;
  ask: (request: Request) => Promise<void>;
  takeBack: (eventId: string) => Promise<void>;
};

/** Something typed: `about` is the message that it answers. */
export type Typed = { event: MatrixEvent; about: string | undefined; place: ReplyPlace & { say: (text: string) => Promise<void> } };

const WAITS_MS = HOUR_MS / 4; // what she saw then may not be what is there now (DESIGN §3 *Acting*)

type Action = Placement['actions'][number];
export type Wanted = { row: PlacementRow; action: Action; rest: string };

/** The name of the one text field of an action; undefined when it has none, or several. */
export function textField({ input = {} }: Action): string | undefined {
  const names = Object.entries(input).flatMap(([name, field]) => (field.type === 'string' && field.enum === undefined ? [name] : []));
  return names.length === 1 ? names[0] : undefined;
}

/** What follows the name fills the action's one text field. */
export function inputOf({ action, rest }: Pick<Wanted, 'action' | 'rest'>): Record<string, unknown> {
  const field = textField(action);
  return rest === '' || field === undefined ? {} : { [field]: rest };
}

/** What speaks against the input, as a sentence; undefined when it fits. */
export function flawOf({ action, rest }: Pick<Wanted, 'action' | 'rest'>, tool: string): string | undefined {
  const checked = checkInput(action.input, inputOf({ action, rest }));
  if ('input' in checked) return undefined;
  const field = action.input?.[textField(action) ?? ''];
  const isItsText = field !== undefined && (field.title ?? textField(action)) === checked.field;
  return isItsText
    ? REPLIES.needsText({ label: action.label, field: checked.field, tool, ...lengthsOf(field) })
    : REPLIES.atDesk(action.label, tool);
}

/** Asks whether it is meant. */
export async function askBack(db: Store, { row, action, rest }: Wanted, { event, place }: Typed): Promise<void> {
  const tool = place.toolOf([row]);
  const flaw = flawOf({ action, rest }, tool);
  if (flaw !== undefined) return place.say(flaw);
  const expiresAt = event.origin_server_ts + WAITS_MS;
  const { address } = place.desk;
  const input = checkInput(action.input, inputOf({ action, rest }));
  await keepConfirmation(db, {
    asked: event.event_id,
    address,
    item: row.event_id ?? '',
    action: action.id,
    label: action.label,
    expiresAt,
    input: 'input' in input ? input.input : {},
    revision: row.sent_revision,
  });
  const text = REPLIES.confirm({ label: action.label, title: row.content.title, tool, said: rest });
  await tell(db, address, sentenceRow(address, event.event_id, 'waiting', text, expiresAt), []);
}

/** « oui » */
export async function confirm(db: Store, typed: Typed): Promise<void> {
  const { event, about, place } = typed;
  const [found, ...others] = await meant(db, typed);
  if (found === undefined) return (await remind(db, typed)) ? undefined : sayNothingAsked(db, typed);
  if (others.length > 0) return place.say(REPLIES.whichYes(await titlesOf(db, place.desk.address, [found, ...others])));
  const tool = place.toolOf(await findByEvents(db, place.desk.address, [found.item]));
  if (found.ended_at !== null) return about === found.item ? sayNothingAsked(db, typed) : place.say(REPLIES.overAlready(found.label, tool));
  await endConfirmations(db, place.desk.address, [found.asked]);
  if (found.expires_at.getTime() < event.origin_server_ts) return place.say(REPLIES.expired(found.label, tool));
  const at = event.origin_server_ts;
  await place.ask({
    eventId: event.event_id,
    sender: event.sender,
    items: [found.item],
    action: found.action,
    input: found.input,
    askedAt: at,
    at,
    source: 'reply',
    ...(found.revision !== null && { revision: found.revision }),
  });
}

/** « oui » in answer to an item: it is said that nothing comes of it. In answer to anything else it is conversation. */
async function sayNothingAsked(db: Store, { about, place }: Typed): Promise<void> {
  const rows = about === undefined ? [] : await findByEvents(db, place.desk.address, [about]);
  if (rows.length > 0) await place.say(REPLIES.nothingAsked(place.toolOf(rows)));
}

/** A bare « oui » after she went on talking, or in answer to another item: it is asked what it is for, where something still waits for one. */
async function remind(db: Store, { event, about, place }: Typed): Promise<boolean> {
  const { address } = place.desk;
  const standing = (await openConfirmations(db, address)).filter(({ expires_at }) => expires_at.getTime() >= event.origin_server_ts);
  const isTalk = about !== undefined && (await findByEvents(db, address, [about])).length === 0;
  if (standing.length === 0 || isTalk) return false;
  await place.say(REPLIES.toWhich(await titlesOf(db, address, standing)));
  return true;
}

/** Other words in answer to the question itself: that it was neither « oui » nor « non » is said. False: they are in answer to nothing that waits. */
export async function askAgain(db: Store, typed: Typed): Promise<boolean> {
  const { event, about, place } = typed;
  if (about === undefined) return false;
  const [found] = await meant(db, typed);
  if (found === undefined || found.item === about || found.ended_at !== null) return false;
  if (found.expires_at.getTime() < event.origin_server_ts) return false;
  const tool = place.toolOf(await findByEvents(db, place.desk.address, [found.item]));
  await place.say(REPLIES.neither(found.label, tool));
  return true;
}

/** « non »; answers whether there was anything to drop. */
export async function decline(db: Store, typed: Typed): Promise<boolean> {
  const { event, place } = typed;
  const standing = (await meant(db, typed)).filter((one) => one.ended_at === null && one.expires_at.getTime() >= event.origin_server_ts);
  if (standing.length === 0) return false;
  await endConfirmations(
    db,
    place.desk.address,
    standing.map(({ asked }) => asked),
  );
  await place.say(
    REPLIES.dropped(
      standing.map(({ label }) => label),
      place.toolOf(
        await findByEvents(
          db,
          place.desk.address,
          standing.map(({ item }) => item),
        ),
      ),
    ),
  );
  return true;
}

/** What a « oui » or « non » is about; a bare one is about what was asked last, unless she has gone on talking. */
async function meant(db: Store, { event, about, place }: Typed): Promise<Confirmation[]> {
  const { address } = place.desk;
  if (about !== undefined) {
    const found = await confirmationAbout(db, address, about);
    // The question may be in the room before its row is marked.
    if (found === undefined && (await hasUnmarked(db, address, 'outcome'))) throw new NotYet();
    return found === undefined ? [] : [found];
  }
  const open = (await openConfirmations(db, address)).filter(({ is_next }) => is_next);
  const standing = open.filter(({ expires_at }) => expires_at.getTime() >= event.origin_server_ts);
  return standing.length > 0 ? standing : open.slice(-1);
}

async function titlesOf(db: Store, address: string, all: readonly Confirmation[]): Promise<{ label: string; title: string }[]> {
  const rows = await findByEvents(
    db,
    address,
    all.map(({ item }) => item),
  );
  return all.map(({ label, item }) => ({ label, title: rows.find((row) => row.event_id === item)?.content.title ?? '' }));
}
