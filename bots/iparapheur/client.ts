/** The parapheur's calls, by its own paths. Nothing here marks a folder as read. */
import { z } from 'zod';
import { type Ctx, type Payload, shaped } from '../bot.ts';
import { type KeycloakAccount, tokenCall } from '../keycloak.ts';
import { LooseId, LooseText } from '../loose.ts';
import { eachList, wholeOr } from '../paged.ts';
import { deskPath, folderPath, type Known, pages, type Place, PUBLIC, publicDesks, publicFolder } from '../parapheur-public.ts';
import type { Config } from './config.ts';

export type Here = Ctx<Config, KeycloakAccount>;
const UI = '/api/v1';
const MOST_FOLDERS = 200; // read in full by one sweep; the rest is shown as the list shows it
const Row = z.object({ id: LooseId });
const Count = z.int().nullish().catch(undefined); // what is not told is listed
const Counters = { pendingFoldersCount: Count, lateFoldersCount: Count, delegatingDesks: z.array(z.unknown()).nullish().catch(undefined) };
const Desk = z.looseObject({ id: LooseId, tenantId: LooseId, name: LooseText, isPublic: z.literal(true).optional(), ...Counters });

/** The agent's desks in all tenants, with their counters; without them from a server that has the public interface alone. */
export async function desks(ctx: Here): Promise<z.infer<typeof Desk>[]> {
  const rows = await wholeOr(pages(ctx, `${UI}/currentUser/desks`), () => publicDesks(ctx));
  return rows.map((row) => shaped(Desk, row, 'a desk'));
}

/** Pending, late and delegated folders, each once: on her own desk before one she stands in for; in full, or as they are listed. */
export function folderPages(ctx: Here, all: Awaited<ReturnType<typeof desks>>, isInFull = true): AsyncGenerator<Payload[]> {
  const seen = new Set<string>();
  const lists = [
    ...all.filter((desk) => desk.pendingFoldersCount !== 0).map((desk) => ({ desk, state: 'PENDING' })),
    ...all.filter((desk) => desk.lateFoldersCount !== 0).map((desk) => ({ desk, state: 'LATE' })),
    ...all.filter((desk) => desk.delegatingDesks?.length !== 0).map((desk) => ({ desk, state: 'DELEGATED' })),
  ];
  return eachList(lists, async function* ({ desk, state }) {
    for await (const rows of pages(ctx, `${PUBLIC}${deskPath(desk.tenantId, desk.id)}/${state}`)) {
      const payloads: Payload[] = [];
      for (const row of rows) {
        const { id } = Row.safeParse(row).data ?? {};
        if (id !== undefined && seen.size === seen.add(id).size) continue;
        const at = { tenantId: desk.tenantId, deskId: desk.id, id: id ?? '' };
        const isRead = isInFull && id !== undefined && seen.size <= MOST_FOLDERS;
        payloads.push({ tenantId: desk.tenantId, desk, listed: true, folder: (isRead && (await folder(ctx, at, { desk, row }))) || row });
      }
      yield payloads;
    }
  });
}

/** The whole folder, left unread. Undefined when it is gone or no longer hers. */
export async function folder(ctx: Here, at: Place, known: Known): Promise<unknown> {
  if (known.desk.isPublic) return publicFolder(ctx, at, known);
  const path = `${UI}/tenant/${encodeURIComponent(at.tenantId)}/folder/${encodeURIComponent(at.id)}`;
  const answer = await tokenCall(ctx, path, { query: { asDeskId: at.deskId, doNotMarkAsRead: true }, accept: [403, 404] });
  return answer.status === 200 ? answer.json() : undefined;
}

/** `reject` is of the UI's interface whatever the version; the others joined the public one in 5.1. */
export async function act(ctx: Here, at: Place & { task: string }, verb: 'visa' | 'seal' | 'reject', note: string): Promise<void> {
  const family = verb !== 'reject' && ctx.config.version === '5.1' ? PUBLIC : UI;
  const path = `${family}${folderPath(at)}/task/${encodeURIComponent(at.task)}/${verb}`;
  await tokenCall(ctx, path, { method: 'PUT', json: { publicAnnotation: note, privateAnnotation: '', metadata: {} } });
}
