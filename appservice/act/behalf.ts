/** For whom an agent acts who stands in for somebody. */
import { foldMail } from '#desk/mail.ts';
import type { Person } from '#desk/item.ts';
import type { ActRow } from '#store/acts.ts';
import { addressName, addressOf, findMembersByAddress } from '#store/addressees.ts';
import type { Store } from '#store/open.ts';
import { organisationOf } from '#store/rooms.ts';

const KINDS = ['mail', 'uid', 'matricule', 'mxid', 'group'] as const;

/**
 * The localpart of the one person whom an object is for by its own words (`people`), when that is not who acts. Undefined when it is for
 * several, for her, for a name without an address, or for somebody whom the organisation does not know: nothing is guessed.
 */
export async function behalfOf(
  db: Store,
  { agent, address }: Pick<ActRow, 'agent' | 'address'>,
  { people, serverName }: { people: readonly Person[]; serverName: string },
): Promise<string | undefined> {
  const organisation = organisationOf(address);
  const named = people.filter(({ role }) => role === 'for');
  if (organisation === null || named.length === 0) return undefined;
  const asked = named.flatMap((person) =>
    KINDS.flatMap((kind) => {
      const value = person[kind];
      return value === undefined ? [] : [addressOf(organisation, { kind, value: kind === 'mail' ? foldMail(value) : value }, serverName)];
    }),
  );
  if (asked.length < named.length) return undefined;
  const found = await findMembersByAddress(db, asked);
  if (asked.some((one) => !found.has(addressName(one)))) return undefined;
  const [first, ...others] = new Set([...found.values()].flat());
  return first === agent || others.length > 0 ? undefined : first;
}
