/** The rooms of an organisation exist before anybody needs them, and its admins are invited as soon as they are known. */
import type { LoadedOrganisation } from '#config/load.ts';
import { findAdmins } from '#store/admins.ts';
import { changeCursor } from '#store/cursors.ts';
import type { Store } from '#store/open.ts';

export type StandingRooms = {
  store: Store;
  serverName: string;
  organisations: readonly LoadedOrganisation[];
  /** Mail addresses of those who run the platform, whatever their organisation. */
  admins: readonly string[];
  ensureRoom: (address: string) => Promise<string>;
  invite: (roomId: string, mxid: string) => Promise<boolean>;
};

/** Once per organisation and pass; what was done is remembered, so a pass without news costs one question each. */
export async function ensureStandingRooms(rooms: StandingRooms): Promise<void> {
  const platform = await rooms.ensureRoom('platform');
  await inviteNew(rooms, 'admins', platform, await findAdmins(rooms.store, { mails: rooms.admins }));
  for (const organisation of rooms.organisations) {
    await rooms.ensureRoom(`organisation:${organisation.id}`);
    const admin = await rooms.ensureRoom(`admin:${organisation.id}`);
    await inviteNew(
      rooms,
      `admins:${organisation.id}`,
      admin,
      await findAdmins(rooms.store, { mails: organisation.admins, organisation: organisation.id }),
    );
  }
}

async function inviteNew(
  { store, serverName, invite }: StandingRooms,
  cursor: string,
  roomId: string,
  localparts: readonly string[],
): Promise<void> {
  if (localparts.length === 0) return;
  await changeCursor(store, cursor, async (_db, value) => {
    const invited: unknown[] = Array.isArray(value) ? value : [];
    const fresh = localparts.filter((localpart) => !invited.includes(localpart));
    for (const localpart of fresh) await invite(roomId, `@${localpart}:${serverName}`);
    return fresh.length === 0 ? undefined : [...invited, ...fresh];
  });
}
