/** What our rooms, aliases and bots are called, by their address in `work.rooms`. */
import { ROOM_NAMES } from '#desk/words.ts';
import type { Address } from '#store/rooms.ts';

/** The device every bot sends from: without one Synapse forgets a transaction id at its own restart. */
export const DEVICE = 'ECRITOIRE';

/** The alias without `#` and server name. Slugs hold no `_` and are never empty, so the four forms cannot meet. */
export function aliasOf(address: Address): string {
  if (address.kind === 'desk') return `desk_${address.organisation}_${address.localpart}`;
  if (address.kind === 'organisation') return `desk__organisation_${address.organisation}`;
  if (address.kind === 'admin') return `desk__admin_${address.organisation}`;
  return 'desk__platform';
}

/** What people read above the room; `organisation` is its name as shown. */
export function roomName(address: Address, organisation: string): string {
  return address.kind === 'platform' ? ROOM_NAMES.platform : ROOM_NAMES[address.kind](organisation);
}
