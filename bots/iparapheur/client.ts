/** The parapheur's calls, by its own paths. Nothing here marks a folder as read. */
import { z } from 'zod';
import { type Ctx, type Payload, shaped } from '../bot.ts';
import { type KeycloakAccount, tokenCall } from '../keycloak.ts';
import { LooseId } from '../loose.ts';
import { counted, eachList, wholeBelow, wholeOr } from '../paged.ts';
import type { Config } from './config.ts';

export type Here = Ctx<Config, KeycloakAccount>;
export type Place = { tenantId: string; deskId: string; id: string };
const [PUBLIC, UI] = ['/api/standard/v1', '/api/v1'];
const MOST_FOLDERS = 200; // read in full by one sweep; the rest is shown as the list shows it
const Row = z.object({ id: LooseId });
const Count = z.int().nullish().catch(undefined); // what is not told is listed
const Counters = { pendingFoldersCount: Count, lateFoldersCount: Count, delegatingDesks: z.array(z.unknown()).nullish().catch(undefined) };
const Desk = z.looseObject({ id: LooseId, tenantId: LooseId, ...Counters });

const deskPath = (tenantId: string, deskId: string) => `/tenant/${encodeURIComponent(tenantId)}/desk/${encodeURIComponent(deskId)}`;
const pages = (ctx: Here, path: string) =>
  counted(async (page) => (await tokenCall(ctx, path, { query: { page, size: 100 } })).json(), path);

/** The agent's desks in all tenants, with their counters; without them from a server that has the public interface alone. */
export async function desks(ctx: Here): Promise<z.infer<typeof Desk>[]> {
  const rows = await wholeOr(pages(ctx, `${UI}/currentUser/desks`), () => publicDesks(ctx));
  return rows.map((row) => shaped(Desk, row, 'a desk'));
}

async function publicDesks(ctx: Here): Promise<unknown[]> {
  const found = await wholeBelow(pages(ctx, `${PUBLIC}/tenant`), (id) => pages(ctx, `${PUBLIC}/tenant/${encodeURIComponent(id)}/desk`));
  return found.map(([tenantId, desk]) => ({ ...desk, tenantId, isPublic: true }));
}

/** Pending, late and delegated folders, each once: on the agent's own desk before one she stands in for. */
export function folderPages(ctx: Here, all: Awaited<ReturnType<typeof desks>>): AsyncGenerator<Payload[]> {
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
        const isRead = id !== undefined && seen.size <= MOST_FOLDERS && desk['isPublic'] !== true;
        payloads.push({ tenantId: desk.tenantId, desk, listed: true, folder: (isRead && (await folder(ctx, at))) || row });
      }
      yield payloads;
    }
  });
}

/** The whole folder, left unread. Undefined when it is gone or no longer hers. */
export async function folder(ctx: Here, { tenantId, deskId, id }: Place): Promise<unknown> {
  const path = `${UI}/tenant/${encodeURIComponent(tenantId)}/folder/${encodeURIComponent(id)}`;
  const answer = await tokenCall(ctx, path, { query: { asDeskId: deskId, doNotMarkAsRead: true }, accept: [403, 404] });
  return answer.status === 200 ? answer.json() : undefined;
}

/** `reject` is of the UI's interface whatever the version; the others joined the public one in 5.1. */
export async function act(ctx: Here, at: Place & { task: string }, verb: 'visa' | 'seal' | 'reject', note: string): Promise<void> {
  const family = verb !== 'reject' && ctx.config.version === '5.1' ? PUBLIC : UI;
  const path = `${deskPath(at.tenantId, at.deskId)}/folder/${encodeURIComponent(at.id)}/task/${encodeURIComponent(at.task)}/${verb}`;
  await tokenCall(ctx, family + path, { method: 'PUT', json: { publicAnnotation: note, privateAnnotation: '', metadata: {} } });
}
