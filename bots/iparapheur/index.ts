import { z } from 'zod';
import { collect, type Cursor, defineBot, type Swept } from '../bot.ts';
import { KeycloakAccount } from '../keycloak.ts';
import { actions, reread } from './actions.ts';
import { desks, folderPages, type Here } from './client.ts';
import { Config } from './config.ts';
import { manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

const Last = z.object({ counters: z.string(), atMs: z.number() });
const LONGEST_MS = 300_000; // one folder gone and one come, or a new name, moves no counter

/** Counters first: while they stand still nothing is listed, and nothing closed. Delegated folders are in no counter. */
async function poll(ctx: Here, cursor?: Cursor): Promise<Swept> {
  const all = await desks(ctx);
  const counters = JSON.stringify(all.map((one) => [one.tenantId, one.id, one.pendingFoldersCount, one.lateFoldersCount]));
  const isTold = all.every((one) => one.pendingFoldersCount != null && one.lateFoldersCount != null && one.delegatingDesks?.length === 0);
  const last = Last.safeParse(cursor).data;
  if (isTold && last?.counters === counters && ctx.clock() - last.atMs < LONGEST_MS) return { payloads: [], cursor, complete: false };
  const swept = await collect(folderPages(ctx, all));
  return swept.complete ? { ...swept, cursor: { counters, atMs: ctx.clock() } } : swept;
}

const check = (ctx: Here) => desks(ctx).then(() => undefined);
export const iparapheur = defineBot({ manifest, config: Config, account: KeycloakAccount, check, poll, normalise, reread, actions });
