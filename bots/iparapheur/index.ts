import { z } from 'zod';
import { collect, type Cursor, defineBot, type Payload } from '../bot.ts';
import { KeycloakAccount } from '../keycloak.ts';
import { unlessStill } from '../still.ts';
import { actions, reread } from './actions.ts';
import { desks, folderPages, type Here } from './client.ts';
import { Config } from './config.ts';
import { manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

const Row = z.object({
  desk: z.object({ id: z.unknown() }),
  folder: z.object({ id: z.unknown(), name: z.unknown(), dueDate: z.unknown() }),
});
const rowsOf = (payloads: readonly Payload[]) => payloads.map((one) => Row.safeParse(one).data);

/** Counters first, which know nothing of delegated folders; the public interface has none: there the lists as they are. */
async function poll(ctx: Here, cursor?: Cursor) {
  const all = await desks(ctx);
  const isPublic = all.some((one) => one.isPublic);
  const counters = all.map((one) => [one.id, one.pendingFoldersCount, one.lateFoldersCount]);
  const isTold = all.every((one) => one.pendingFoldersCount != null && one.lateFoldersCount != null && one.delegatingDesks?.length === 0);
  const glance = async () => {
    if (!isPublic) return isTold ? counters : undefined;
    const { complete, payloads } = await collect(folderPages(ctx, all, false));
    return complete ? rowsOf(payloads) : undefined;
  };
  const told = (payloads: readonly Payload[]) => (isPublic ? rowsOf(payloads) : counters);
  return unlessStill(ctx, cursor, { glance, told, sweep: () => collect(folderPages(ctx, all)) });
}

const check = (ctx: Here) => desks(ctx).then(() => undefined);
export const iparapheur = defineBot({ manifest, config: Config, account: KeycloakAccount, check, poll, normalise, reread, actions });
