import { z } from 'zod';
import { collect, type Cursor, defineBot, type Swept } from '../bot.ts';
import { KeycloakAccount } from '../keycloak.ts';
import { actions, reread } from './actions.ts';
import { desks, folderPages, type Here } from './client.ts';
import { Config } from './config.ts';
import { manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

const LONGEST_MS = 300_000; // one folder gone and one come, or a new name, moves no counter
const Last = z.object({ counters: z.string(), atMs: z.number() });

/** Counters first: while they and the desk stand still nothing is listed, and nothing closed. No counter has delegated folders. */
async function poll(ctx: Here, cursor?: Cursor): Promise<Swept> {
  const all = await desks(ctx);
  const counters = (open: number) => JSON.stringify([open, all.map((one) => [one.id, one.pendingFoldersCount, one.lateFoldersCount])]);
  const isTold = all.every((one) => one.pendingFoldersCount != null && one.lateFoldersCount != null && one.delegatingDesks?.length === 0);
  const { counters: last, atMs = 0 } = Last.safeParse(cursor).data ?? {};
  const isFresh = isTold && ctx.clock() - atMs < LONGEST_MS;
  if (isFresh && last === counters((await ctx.openKeys()).length)) return { payloads: [], cursor, complete: false };
  const swept = await collect(folderPages(ctx, all));
  return swept.complete ? { ...swept, cursor: { counters: counters(swept.payloads.length), atMs: ctx.clock() } } : swept;
}

const check = (ctx: Here) => desks(ctx).then(() => undefined);
export const iparapheur = defineBot({ manifest, config: Config, account: KeycloakAccount, check, poll, normalise, reread, actions });
