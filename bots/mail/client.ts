/** The box: what came since the last look, as what the rules make of it. Nothing is marked, moved or answered. */
import { z } from 'zod';
import type { Ctx, Cursor, Swept } from '../bot.ts';
import type { ImapAccess } from '../io.ts';
import type { Config } from './config.ts';
import { HEADERS, type MailPayload, readMail, rulesFor } from './match.ts';

type Here = Ctx<Config, unknown>;

/** `held`: a mail whose text could not be had, and how often. */
const Last = z.object({ uidValidity: z.string(), uid: z.int(), held: z.object({ uid: z.int(), tries: z.int() }).optional() });
const MOST = 500; // mails of one sweep; the next follows at once
const TRIES = 5; // looks that wait for one mail; a server that has lost its text must not keep all later ones
const DAY_MS = 86_400_000;

export const accessOf = ({ user, password, mailbox }: Config): ImapAccess => ({ user, password, mailbox });

export function openBox({ io, config }: Here): Promise<void> {
  return io.imap.visit(accessOf(config), () => Promise.resolve());
}

/** Of several mails about one object the newest counts. A box never tells what is over: only a mail does. */
export function readBox({ io, config, clock }: Here, cursor?: Cursor): Promise<Swept> {
  return io.imap.visit(accessOf(config), async (box) => {
    const { uidValidity } = box;
    const last = Last.safeParse(cursor).data;
    const from = last?.uidValidity === uidValidity ? last.uid : 0;
    const heads = await box.after(from, { since: new Date(clock() - config.days * DAY_MS), most: MOST, headers: HEADERS });
    const found = new Map<string, MailPayload>();
    const upTo = (uid: number) => ({ payloads: [...found.values()], complete: false, cursor: { uidValidity, uid } });
    let uid = from;
    for (const head of heads) {
      const needsText = rulesFor(head, config).some((index) => config.rules[index]?.body !== undefined);
      const text = head.isLost ? undefined : needsText ? await box.text(head) : { plain: '', html: '' };
      const tries = 1 + (last?.held?.uid === head.uid ? last.held.tries : 0);
      if (text === undefined && tries < TRIES) return { ...upTo(uid), cursor: { uidValidity, uid, held: { uid: head.uid, tries } } };
      const payload = readMail(head, text, { config, uidValidity });
      if (payload !== undefined) found.set('key' in payload ? payload.key : `${payload.mail} `, payload);
      ({ uid } = head);
      if (text === undefined) return { ...upTo(uid), againMs: 0 }; // the connection may have gone with it
    }
    return { ...upTo(uid), ...(heads.length === MOST && { againMs: 0 }) };
  });
}
