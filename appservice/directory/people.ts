/** The people of the configuration, brought into the record at each start: inserted and updated, never deleted. */
import type { Transaction } from 'kysely';
import type { LoadedConfig } from '#config/load.ts';
import type { Store } from '#store/open.ts';
import {
  insertPerson,
  localpartsLike,
  lockDirectory,
  type Membership,
  membershipsUnder,
  putMembership,
  renamePerson,
} from '#store/people.ts';
import type { Tables } from '#store/tables.ts';
import { firstFree, localpartOfName } from './localpart.ts';

type KnownPerson = LoadedConfig['people'][number];
type Trx = Transaction<Tables>;

/**
 * Puts on someone's desk what waited for her in one organisation; given the transaction that made her reachable there, so
 * that no kill comes between.
 */
export type DeliverWaiting = (db: Store, person: { organisation: string; localpart: string }) => Promise<unknown>;

/** Memberships by everything that finds one inside an organisation. */
class Roll {
  readonly #byKey = new Map<string, Membership>();

  constructor(memberships: readonly Membership[]) {
    memberships.forEach((membership) => this.add(membership));
  }

  add(membership: Membership): void {
    const { organisation, localpart, mail, uid } = membership;
    this.#byKey.set(`${organisation} is ${localpart}`, membership);
    if (mail !== null) this.#byKey.set(`${organisation} mail ${mail}`, membership);
    if (uid !== null) this.#byKey.set(`${organisation} uid ${uid}`, membership);
  }

  of(organisation: string, localpart: string): Membership | undefined {
    return this.#byKey.get(`${organisation} is ${localpart}`);
  }

  find(organisation: string, person: KnownPerson): Membership | undefined {
    return (
      this.#byKey.get(`${organisation} mail ${person.mail.toLowerCase()}`) ??
      (person.uid === undefined ? undefined : this.#byKey.get(`${organisation} uid ${person.uid}`))
    );
  }
}

/**
 * Makes the record agree with `people`, and delivers to whoever became reachable under a new address. A person is found again by
 * mail or uid in any of her organisations; someone found nowhere gets a localpart.
 */
export async function syncPeople(store: Store, people: readonly KnownPerson[], deliverWaiting: DeliverWaiting): Promise<void> {
  await store.transaction().execute(async (trx) => {
    await lockDirectory(trx);
    const mails = people.map(({ mail }) => mail.toLowerCase());
    const uids = people.flatMap(({ uid }) => (uid === undefined ? [] : [uid]));
    const roll = new Roll(await membershipsUnder(trx, { mails, uids }));
    for (const person of people) {
      const known = person.organisations.map((organisation) => roll.find(organisation, person)).find(Boolean);
      const localpart = known?.localpart ?? (await makePerson(trx, { name: person.name }));
      if (known) {
        await renamePerson(trx, localpart, person.name);
      }
      for (const organisation of person.organisations) {
        const changed = await syncMembership(trx, { roll, person, organisation, localpart });
        if (changed) {
          await deliverWaiting(trx, changed);
        }
      }
    }
  });
}

/** Answers the membership when it can be addressed in a way it could not before. */
async function syncMembership(
  trx: Trx,
  { roll, person, organisation, localpart }: { roll: Roll; person: KnownPerson; organisation: string; localpart: string },
): Promise<Membership | undefined> {
  // Two people of before, one per organisation, stay two: nobody is merged across organisations.
  const shown = roll.find(organisation, person) ?? roll.of(organisation, localpart);
  const next: Membership = {
    localpart: shown?.localpart ?? localpart,
    organisation,
    mail: person.mail.toLowerCase(),
    uid: person.uid ?? shown?.uid ?? null,
    matricule: person.matricule ?? shown?.matricule ?? null,
    groups: person.groups,
    source: 'config',
  };
  if (shown && JSON.stringify({ ...shown }) === JSON.stringify({ ...next })) {
    return undefined;
  }
  await putMembership(trx, next);
  roll.add(next);
  const addressed = !shown || shown.mail !== next.mail || shown.uid !== next.uid || shown.matricule !== next.matricule;
  return addressed ? next : undefined;
}

/** Inserts a person under the first free localpart of her name. The directory's lock must be held. */
export async function makePerson(trx: Trx, person: { name: string; given?: string; family?: string }): Promise<string> {
  const wanted = localpartOfName(person);
  const localpart = firstFree(wanted, await localpartsLike(trx, wanted));
  await insertPerson(trx, { localpart, name: person.name });
  return localpart;
}
