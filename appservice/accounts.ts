/**
 * « Mes outils »: an agent links and unlinks her own accounts at tools. Whatever she gives is tried at the tool before it is
 * kept, sealed; nothing of it is ever said again. What went wrong is one of a closed list.
 */
import type { AccountFault, AccountGrant, ToolAccount, Unlinked } from '#desk/account.ts';
import { DeskError } from '#desk/errors.ts';
import { LostKey } from '#store/account-keys.ts';
import { type AccountId, dropAccount, keepAccount, openAnyAccount } from '#store/accounts.ts';
import { writeAudit } from '#store/audit.ts';
import { awaitGrant, claimGrants, dropGrant, type DueGrant, endGrant, keepGrant, openGrant } from '#store/grants.ts';
import type { Store } from '#store/open.ts';
import { membershipsOf } from '#store/people.ts';
import { endRelink } from '#store/relink.ts';
import type { Bot } from '../bots/bot.ts';
import { Attempts } from './accounts/attempts.ts';
import { faultOf } from './accounts/fault.ts';
import { listAccounts, type Listing } from './accounts/list.ts';
import type { Log } from './log.ts';
import type { Tool, Tools } from './tools.ts';

export type AccountsOptions = Listing & {
  tools: Pick<Tools, 'openWith'>;
  serverName: string;
  clock: () => number;
  log: Log;
  /** Of `bots/account-form.ts`, as `fieldsOf`. */
  nameOf: (bot: Bot, secret: unknown) => string | undefined;
};

/** What came of it. `fields`: those that do not fit. */
export type Answered = { fault?: AccountFault; fields?: string[]; grant?: AccountGrant; unlinked?: Unlinked };

type Hers = { id: AccountId; tool: Tool };
const AT_ONCE = 20;
const ASK_MS = { first: 2000, later: 10_000 }; // between two questions whether it is granted; later: the tool did not answer

export class Accounts {
  readonly #options: AccountsOptions;
  readonly #attempts: Attempts;
  readonly #asking = new Set<Promise<void>>();

  constructor(options: AccountsOptions) {
    this.#options = options;
    this.#attempts = new Attempts(options.clock);
  }

  /** All connections of her organisations, with how her account stands in each. */
  list(localpart: string): Promise<ToolAccount[]> {
    return listAccounts(this.#options, localpart);
  }

  /** Tries what she typed at the tool, and keeps it when it holds. */
  async link(localpart: string, connection: string, given: unknown): Promise<Answered> {
    const hers = await this.#hers(localpart, connection);
    if (hers === undefined) return { fault: 'unknown' };
    const read = hers.tool.bot.account?.safeParse(given);
    if (read?.success !== true) return { fault: 'fields', fields: read?.error.issues.map(({ path }) => String(path[0] ?? '')) ?? [] };
    return this.#try(hers, read.data);
  }

  /** Asks the tool once more with what is kept. */
  async again(localpart: string, connection: string): Promise<Answered> {
    const hers = await this.#hers(localpart, connection);
    const kept = hers && (await this.#kept(hers.id));
    if (hers === undefined || kept === undefined) return { fault: 'unknown' };
    return kept === 'lost' ? { fault: 'lost' } : this.#try(hers, kept.secret);
  }

  /** Gives it back at the tool where that can be, and forgets it here whatever the tool says. */
  async unlink(localpart: string, connection: string): Promise<Answered> {
    const hers = await this.#hers(localpart, connection);
    const kept = hers && (await this.#kept(hers.id));
    if (hers === undefined || kept === undefined) return { fault: 'unknown' };
    const unlinked = kept === 'lost' ? 'failed' : await this.#giveBack(hers, kept.secret);
    const { store, clock } = this.#options;
    await store.transaction().execute(async (trx) => {
      await dropAccount(trx, hers.id);
      await dropGrant(trx, hers.id);
      await endRelink(trx, { ...placeOf(hers), at: clock() }, 'cancelled');
      await this.#audit(trx, hers, 'account.unlinked');
    });
    return { unlinked };
  }

  /** Begins at the tool: she says yes on a page of its own. */
  async beginGrant(localpart: string, connection: string): Promise<Answered> {
    const hers = await this.#hers(localpart, connection);
    const { grant } = hers?.tool.bot ?? {};
    if (hers === undefined || grant === undefined) return { fault: 'unknown' };
    if (!this.#attempts.may(localpart, connection)) return { fault: 'too_many' };
    const { store, keys, tools } = this.#options;
    try {
      const { url, state, untilMs } = await grant.begin(await tools.openWith(hers.tool, localpart));
      if (!isOfTool(url, hers.tool)) throw new DeskError('config', 'The page to say yes on is not of this connection');
      await keepGrant(store, keys, hers.id, { url, state, until: new Date(untilMs) });
      return { grant: { url, until: untilMs } };
    } catch (error) {
      return { fault: this.#fault(error, hers.id) };
    }
  }

  async stopGrant(localpart: string, connection: string): Promise<Answered> {
    await dropGrant(this.#options.store, { connection, localpart });
    return {};
  }

  /** Asks the tools about all grants that are due; each answers in its own time. */
  async askGrants(): Promise<void> {
    for (const grant of await claimGrants(this.#options.store, AT_ONCE - this.#asking.size)) {
      const asking: Promise<void> = this.#askGrant(grant)
        .catch((err: unknown) => this.#options.log.warn({ err, connection: grant.connection }, 'a grant could not be written down'))
        .finally(() => this.#asking.delete(asking));
      this.#asking.add(asking);
    }
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#asking);
  }

  async #askGrant(grant: DueGrant): Promise<void> {
    const { store, clock, tools, keys } = this.#options;
    const hers = await this.#hers(grant.localpart, grant.connection);
    const way = hers?.tool.bot.grant;
    if (hers === undefined || way === undefined) return endGrant(store, grant, 'unknown');
    if (clock() >= grant.until.getTime()) return endGrant(store, grant, 'expired');
    try {
      const given = await way.collect(await tools.openWith(hers.tool, grant.localpart), openGrant(keys, grant).state);
      if (given === undefined) await awaitGrant(store, grant, ASK_MS.first);
      else await this.#granted(hers, grant, given);
    } catch (error) {
      const fault = this.#fault(error, hers.id);
      await (fault === 'down' || fault === 'busy' ? awaitGrant(store, grant, ASK_MS.later) : endGrant(store, grant, fault));
    }
  }

  /** The tool gives it only once: what it has just made is kept even when it does not answer to the first try. */
  async #granted(hers: Hers, grant: DueGrant, given: unknown): Promise<void> {
    const read = hers.tool.bot.account?.safeParse(given);
    if (read?.success !== true) return endGrant(this.#options.store, grant, 'broken');
    const fault = await this.#check(hers, read.data);
    if (fault === undefined || fault === 'down' || fault === 'busy') return this.#keep(hers, read.data);
    await this.#giveBack(hers, read.data);
    await endGrant(this.#options.store, grant, fault);
  }

  async #try(hers: Hers, secret: unknown): Promise<Answered> {
    const { localpart, connection } = hers.id;
    if (!this.#attempts.may(localpart, connection)) return { fault: 'too_many' };
    const fault = await this.#check(hers, secret);
    if (fault !== undefined) return { fault };
    await this.#keep(hers, secret);
    this.#attempts.succeeded(localpart, connection);
    return {};
  }

  async #check({ id, tool }: Hers, secret: unknown): Promise<AccountFault | undefined> {
    try {
      await tool.bot.check(await this.#options.tools.openWith(tool, id.localpart, { secret }));
      return undefined;
    } catch (error) {
      return this.#fault(error, id);
    }
  }

  /** What it takes the place of is given back at the tool, unless that is the same, or was refused. */
  async #keep(hers: Hers, secret: unknown): Promise<void> {
    const { store, keys, clock, nameOf, log } = this.#options;
    const before = await this.#kept(hers.id);
    await store.transaction().execute(async (trx) => {
      await keepAccount(trx, keys, hers.id, secret, nameOf(hers.tool.bot, secret));
      await dropGrant(trx, hers.id);
      await endRelink(trx, { ...placeOf(hers), at: clock() }, 'done');
      await this.#audit(trx, hers, 'account.linked');
    });
    log.info({ connection: hers.id.connection }, 'an account was linked');
    const isOther = before !== undefined && before !== 'lost' && JSON.stringify(before.secret) !== JSON.stringify(secret);
    if (isOther && before.state === 'active') await this.#giveBack(hers, before.secret);
  }

  async #giveBack({ id, tool }: Hers, secret: unknown): Promise<Unlinked> {
    if (tool.bot.revoke === undefined) return 'kept';
    try {
      return (await tool.bot.revoke(await this.#options.tools.openWith(tool, id.localpart, { secret }))) ? 'revoked' : 'kept';
    } catch (error) {
      this.#fault(error, id);
      return 'failed';
    }
  }

  async #kept(id: AccountId): Promise<{ state: 'active' | 'refused'; secret: unknown } | 'lost' | undefined> {
    try {
      return await openAnyAccount(this.#options.store, this.#options.keys, id);
    } catch (error) {
      if (error instanceof LostKey) return 'lost';
      throw error;
    }
  }

  /** Undefined when it is no connection of her organisations, or one without accounts. */
  async #hers(localpart: string, connection: string): Promise<Hers | undefined> {
    const { store, tools } = this.#options;
    const tool = tools.find(connection);
    if (tool?.bot.account === undefined) return undefined;
    const memberships = await membershipsOf(store, localpart);
    const isMember = memberships.some(({ organisation }) => organisation === tool.connection.organisation);
    return isMember ? { id: { connection, localpart }, tool } : undefined;
  }

  /** Of the tool's answer the log has the code and the call, never what was sent. */
  #fault(error: unknown, { connection }: AccountId): AccountFault {
    const known = error instanceof DeskError ? error : new DeskError('bug', 'A bot threw what is no DeskError', { cause: error });
    this.#options.log.info({ connection, code: known.code, reason: known.message }, 'a tool did not take an account');
    return faultOf(known.code);
  }

  async #audit(db: Store, { id, tool }: Hers, what: string): Promise<void> {
    const who = `@${id.localpart}:${this.#options.serverName}`;
    await writeAudit(db, { organisation: tool.connection.organisation, who, what, subject: id.connection });
  }
}

const placeOf = ({ id, tool: { connection } }: Hers) => ({
  organisation: connection.organisation,
  connection: connection.id,
  agent: id.localpart,
});

/** An agent is sent only to the tool itself, or to a host that its connection lists. */
function isOfTool(url: string, { origins, connection }: Tool): boolean {
  const { protocol, host } = new URL(url);
  const hosts = [...origins.flatMap((origin) => URL.parse(origin)?.host ?? []), ...connection.hosts];
  return /^https?:$/.test(protocol) && hosts.includes(host);
}
