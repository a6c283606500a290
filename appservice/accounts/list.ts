/** How an agent's accounts stand: one line for each connection of her organisations, those that ask nothing of her too. */
import { AccountFault, type AccountField, type ToolAccount } from '#desk/account.ts';
import type { HealthWord } from '#desk/event.ts';
import { type AccountState, accountsOf } from '#store/accounts.ts';
import { grantsOf } from '#store/grants.ts';
import { readHealths } from '#store/healths.ts';
import { membershipsOf } from '#store/people.ts';
import type { LoadedConnection } from '#config/load.ts';
import type { AccountKeys } from '#store/account-keys.ts';
import type { Store } from '#store/open.ts';
import type { Bot } from '../../bots/bot.ts';
import type { Tools } from '../tools.ts';

export type Listing = {
  store: Store;
  keys: AccountKeys;
  tools: Pick<Tools, 'find'>;
  connections: readonly LoadedConnection[];
  /** Of `bots/account-form.ts`. */
  fieldsOf: (bot: Bot) => readonly AccountField[];
};
type Grants = Awaited<ReturnType<typeof grantsOf>>;

export async function listAccounts({ store, keys, tools, connections, fieldsOf }: Listing, localpart: string): Promise<ToolAccount[]> {
  const memberships = new Map((await membershipsOf(store, localpart)).map((one) => [one.organisation, one]));
  const shown = connections.filter(({ organisation, retired }) => memberships.has(organisation) && !retired);
  const [accounts, grants, healths] = await Promise.all([
    accountsOf(store, keys, localpart),
    grantsOf(store, keys, localpart),
    readHealths(store, shown),
  ]);
  return shown.map((connection) => {
    const tool = tools.find(connection.id);
    const health = healths.find(({ id }) => id === connection.id);
    const base = {
      ...known(connection),
      needs: tool === undefined ? 'posts' : 'shared',
      state: 'none',
      fields: [],
      canGrant: false,
    } as const;
    if (tool?.bot.account === undefined) {
      const { mail } = memberships.get(connection.organisation) ?? {};
      return { ...base, fields: [], ...(mail != null && { name: mail }), ...healthOf(health) };
    }
    const account = accounts.find((one) => one.connection === connection.id);
    const grant = grantOf(grants, connection.id);
    const form = { fields: [...fieldsOf(tool.bot)], canGrant: tool.bot.grant !== undefined };
    return { ...base, needs: 'own', ...form, ...(account && stateOf(account)), ...(grant && { grant }), ...troubleOf(account, health) };
  });
}

function known({ id, organisation, label, mark, url }: LoadedConnection) {
  return { connection: id, organisation, label, ...(mark !== undefined && { mark }), ...(url !== undefined && { url }) };
}

function stateOf({ state, name, linkedAt, refusedAt, sweptAt, isLost }: AccountState) {
  return {
    state: isLost ? ('lost' as const) : state === 'refused' ? ('refused' as const) : ('linked' as const),
    ...(name !== null && { name }),
    linkedAt: linkedAt.getTime(),
    ...(refusedAt !== null && { refusedAt: refusedAt.getTime() }),
    // What was read before it was linked again was read with the account before.
    ...(sweptAt !== null && sweptAt > linkedAt && { lastSuccess: sweptAt.getTime() }),
  };
}

type Health = { word: HealthWord; lastSuccess?: number } | undefined;
type Trouble = Pick<ToolAccount, 'trouble'>;

function healthOf(health: Health): Trouble & Pick<ToolAccount, 'lastSuccess'> {
  const { word, lastSuccess } = health ?? {};
  return { ...(lastSuccess !== undefined && { lastSuccess }), ...wordOf(word) };
}

function wordOf(word: HealthWord | undefined): Trouble {
  if (word === 'retrying') return { trouble: 'down' };
  return word === 'misconfigured' || word === 'bad_credentials' || word === 'stopped' ? { trouble: 'broken' } : {};
}

/** Her own last try says more than the connection's word, which is everybody's. */
function troubleOf(account: AccountState | undefined, health: Health): Trouble {
  if (account === undefined) return wordOf(health?.word);
  if (account.isLost || account.state === 'refused' || account.fault === null) return {};
  if (account.fault === 'denied') return { trouble: 'denied' };
  return { trouble: account.fault === 'unavailable' || account.fault === 'rate_limited' ? 'down' : 'broken' };
}

function grantOf(grants: Grants, connection: string): ToolAccount['grant'] {
  const grant = grants.find((one) => one.connection === connection);
  if (grant === undefined) return undefined;
  const ended = grant.ended === null ? undefined : AccountFault.safeParse(grant.ended).data;
  return {
    until: grant.until.getTime(),
    ...(grant.url !== undefined && { url: grant.url }),
    ...((ended !== undefined || grant.url === undefined) && { ended: ended ?? 'lost' }),
  };
}
