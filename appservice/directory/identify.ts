/**
 * Decides who a verified identity is. In this order: the identity itself (issuer and subject), then the directory's uid
 * or the verified mail inside the same organisation, then someone new in that organisation. Never across organisations.
 */
import type { Transaction } from 'kysely';
import type { LoadedConfig } from '#config/load.ts';
import type { Store } from '#store/open.ts';
import {
  findIdentity,
  findMembers,
  findPerson,
  linkIdentity,
  lockDirectory,
  type Membership,
  membershipsOf,
  putMembership,
  sawIdentity,
} from '#store/people.ts';
import type { Tables } from '#store/tables.ts';
import type { Claims, Provider } from './claims.ts';
import { type DeliverWaiting, makePerson } from './people.ts';
import { Refusal } from './refusal.ts';

type Trx = Transaction<Tables>;

export type Identified = {
  localpart: string;
  name: string;
  organisation: string;
  memberships: Membership[];
  /** How she was found, for the audit. */
  by: 'identity' | 'uid' | 'mail' | 'created';
};

export type IdentifyParts = { store: Store; config: LoadedConfig; deliverWaiting: DeliverWaiting };

/** Throws a {@link Refusal} with its reason when this identity gets no desk. */
export async function identify({ store, config, deliverWaiting }: IdentifyParts, provider: Provider, claims: Claims): Promise<Identified> {
  const organisation = organisationOf(config, provider, claims);
  return store.transaction().execute(async (trx) => {
    await lockDirectory(trx);
    const { localpart, by } = await match(trx, provider, claims, organisation);
    const person = await findPerson(trx, localpart);
    if (person?.status !== 'active') {
      throw new Refusal('left', `${localpart} has left`);
    }
    await fillMembership(trx, { localpart, organisation, claims, provider });
    await deliverWaiting(trx, { localpart, organisation });
    return { localpart, name: person.name, organisation, memberships: await membershipsOf(trx, localpart), by };
  });
}

function organisationOf(config: LoadedConfig, provider: Provider, { siret }: Claims): string {
  const served =
    provider.organisation === undefined
      ? config.organisations.find((organisation) => siret !== undefined && organisation.siret === siret)
      : config.organisations.find((organisation) => organisation.id === provider.organisation);
  if (served === undefined) {
    throw new Refusal('unknown_organisation', `No organisation with the SIRET ${siret ?? '(none)'} is served here`);
  }
  return served.id;
}

async function match(
  trx: Trx,
  provider: Provider,
  claims: Claims,
  organisation: string,
): Promise<{ localpart: string; by: Identified['by'] }> {
  const identity = await findIdentity(trx, claims.issuer, claims.sub);
  if (identity) {
    const member = (await membershipsOf(trx, identity.localpart)).some((membership) => membership.organisation === organisation);
    if (!member) {
      throw new Refusal('refused', `${identity.localpart} is not known in ${organisation}`);
    }
    await sawIdentity(trx, { issuer: claims.issuer, sub: claims.sub, mail: claims.mail ?? null });
    return { localpart: identity.localpart, by: 'identity' };
  }
  const found = (await matchMember(trx, claims, organisation)) ?? {
    localpart: await createPerson(trx, provider, claims),
    by: 'created' as const,
  };
  await linkIdentity(trx, {
    issuer: claims.issuer,
    sub: claims.sub,
    localpart: found.localpart,
    provider: provider.id,
    mail: claims.mail ?? null,
  });
  return found;
}

async function matchMember(
  trx: Trx,
  { uid, mail }: Claims,
  organisation: string,
): Promise<{ localpart: string; by: 'uid' | 'mail' } | undefined> {
  if (uid === undefined && mail === undefined) {
    return undefined;
  }
  const members = await findMembers(trx, organisation, { uid, mail });
  if (members.length > 1) {
    throw new Refusal('refused', `The uid and the mail are those of two people: ${members.map((member) => member.localpart).join(', ')}`);
  }
  const [member] = members;
  return member && { localpart: member.localpart, by: member.uid !== null && member.uid === uid ? 'uid' : 'mail' };
}

/** Citizens of FranceConnect are invited, never made from what they say. A mail nobody vouches for makes nobody either. */
async function createPerson(trx: Trx, provider: Provider, claims: Claims): Promise<string> {
  if (provider.kind === 'franceconnect' || claims.mail === undefined) {
    throw new Refusal('refused', `The provider ${provider.id} gives no mail to know a new person by`);
  }
  return makePerson(trx, claims);
}

/** Writes the addresses she did not have yet; a mail or uid of the directory is never overwritten by one of a sign-in. */
async function fillMembership(
  trx: Trx,
  at: { localpart: string; organisation: string; claims: Claims; provider: Provider },
): Promise<void> {
  const { localpart, organisation, claims } = at;
  const shown = (await membershipsOf(trx, localpart)).find((membership) => membership.organisation === organisation);
  const next: Membership = {
    matricule: null,
    groups: [],
    source: `oidc:${at.provider.id}`,
    ...shown,
    localpart,
    organisation,
    mail: shown?.mail ?? claims.mail ?? null,
    uid: shown?.uid ?? claims.uid ?? null,
  };
  if (shown && shown.mail === next.mail && shown.uid === next.uid) {
    return;
  }
  const others = (await findMembers(trx, organisation, { uid: next.uid ?? undefined, mail: next.mail ?? undefined })).filter(
    (member) => member.localpart !== localpart,
  );
  if (others.length === 0) {
    await putMembership(trx, next);
  }
}
