/** The rooms of an organisation exist before anybody needs them, and its admins are invited as soon as they are known. */
import type { LoadedOrganisation } from '#config/load.ts';
import { changeCursor } from '#store/cursors.ts';
import type { Store } from '#store/open.ts';

export type StandingRooms = {
  store: Store;
  serverName: string;
  organisations: readonly LoadedOrganisation[];
  ensureRoom: (address: string) => Promise<string>;
  invite: (roomId: string, mxid: string) => Promise<boolean>;
};

/** Once per organisation and pass; what was done is remembered, so a pass without news costs one question each. */
export async function ensureStandingRooms(rooms: StandingRooms): Promise<void> {
  await rooms.ensureRoom('platform');
  for (const organisation of rooms.organisations) {
    await rooms.ensureRoom(`organisation:${organisation.id}`);
    const admin = await rooms.ensureRoom(`admin:${organisation.id}`);
    const known = await findAdmins(rooms.store, organisation);
    await inviteNew(rooms, `admins:${organisation.id}`, admin, known);
    // A platform of one organisation is run by its own admins; otherwise the operator invites whom he wants.
    if (rooms.organisations.length === 1) await inviteNew(rooms, 'admins', await rooms.ensureRoom('platform'), known);
  }
}

async function findAdmins(store: Store, { id, admins }: LoadedOrganisation): Promise<string[]> {
  if (admins.length === 0) return [];
  const mails = admins.map((mail) => mail.toLowerCase());
  const rows = await store
    .selectFrom('record.memberships')
    .select('localpart')
    .where('organisation', '=', id)
    .where('mail', 'in', mails)
    .execute();
  return rows.map((row) => row.localpart);
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
