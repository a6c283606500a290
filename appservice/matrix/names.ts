/** What our rooms, aliases and bots are called, and nothing else: an address of `work.rooms` read once, here. */
import { ROOM_NAMES } from '#desk/words.ts';

/** The device every bot sends from: without one Synapse forgets a transaction id at its own restart. */
export const DEVICE = 'ECRITOIRE';

export type Address =
  | { kind: 'desk'; organisation: string; localpart: string }
  | { kind: 'organisation'; organisation: string }
  | { kind: 'admin'; organisation: string }
  | { kind: 'platform' };

/** Reads `desk:<organisation>:<localpart>`, `organisation:<organisation>`, `admin:<organisation>` or `platform`. */
export function readAddress(address: string): Address | undefined {
  const [kind, organisation, ...rest] = address.split(':');
  if (address === 'platform') return { kind: 'platform' };
  if (organisation === undefined || organisation === '') return undefined;
  if (kind === 'desk' && rest.length > 0) return { kind, organisation, localpart: rest.join(':') };
  if ((kind === 'organisation' || kind === 'admin') && rest.length === 0) return { kind, organisation };
  return undefined;
}

export const deskAddress = (organisation: string, localpart: string): string => `desk:${organisation}:${localpart}`;

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
