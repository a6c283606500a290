/** The box: what came since the last look, as what the rules make of it. Nothing is marked, moved or answered. */
import { z } from 'zod';
import type { Ctx, Cursor, Swept } from '../bot.ts';
import type { ImapAccess } from '../io.ts';
import type { Config } from './config.ts';
import { HEADERS, type MailPayload, readMail, rulesFor } from './match.ts';

type Here = Ctx<Config, unknown>;

const Last = z.object({ uidValidity: z.string(), uid: z.int() });
const MOST = 500; // mails of one sweep; the next follows at once
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
    const since = new Date(clock() - config.days * DAY_MS);
    const heads = await box.after(from, { since, most: MOST, headers: HEADERS });
    const found = new Map<string, MailPayload>();
    for (const head of heads) {
      const needsText = rulesFor(head, config).some((index) => config.rules[index]?.body !== undefined);
      const payload = readMail(head, needsText ? await box.text(head) : { plain: '', html: '' }, { config, uidValidity });
      if (payload !== undefined) found.set('key' in payload ? payload.key : `${payload.mail} `, payload);
    }
    const uid = heads.at(-1)?.uid ?? from;
    return { payloads: [...found.values()], complete: false, cursor: { uidValidity, uid }, ...(heads.length === MOST && { againMs: 0 }) };
  });
}
