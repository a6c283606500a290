/** Payload → items. Pure and total: whatever comes, the answer is items, or why there are none. */
import { z } from 'zod';
import { type At, type ItemDraft, type Normalised, NOTHING, type Payload, reject } from '../bot.ts';
import { dueFrom } from '../when.ts';

/** What is certain in every row; the rest may be missing. */
const Row = z.object({
  type: z.literal('request'),
  id: z.string().min(1).max(200),
  version: z.int().min(0),
  title: z.string().trim().min(1),
  state: z.string().nullish(),
  due: z.string().nullish(),
  validators: z.array(z.string()).nullish(),
});

export function normalise(payload: Payload, at: At<unknown>): Normalised {
  if (!z.object({ type: z.literal('request') }).safeParse(payload).success) return NOTHING;
  const row = Row.safeParse(payload);
  if (!row.success) return reject('demande illisible', `/${row.error.issues[0]?.path.map(String).join('/') ?? ''}`);
  return { items: [itemOf(row.data, at)], rejected: [] };
}

function itemOf({ id, version, title, state, due, validators }: z.infer<typeof Row>, { baseUrl, timeZone }: At<unknown>): ItemDraft {
  const isOpen = state == null || state.toLowerCase() === 'open';
  return {
    key: id,
    revision: version,
    kind: 'demande',
    title,
    state: isOpen ? 'todo' : 'done',
    dueAt: dueFrom(due, timeZone),
    url: `${baseUrl}/requests/${encodeURIComponent(id)}`,
    people: (validators ?? []).map((mail) => ({ role: 'for' as const, mail, reason: 'valideur' })),
    actions: isOpen ? [{ id: 'accepter' }, { id: 'refuser' }] : [],
  };
}
