/**
 * Payloads → deliveries, as if the tool had posted them: checked and cleaned by the same schema, with what the framework
 * adds. Pure; what cannot be used is said with its reason.
 */
import canonicalize from 'canonicalize';
import type { Delivery } from '#desk/delivery.ts';
import { checkEvent } from '#desk/delivery/check.ts';
import { isDeclared, linkFault } from '#desk/delivery/links.ts';
import { pointer } from '#desk/delivery/pointer.ts';
import { CLOSED_STATES, itemKey, type Person } from '#desk/item.ts';
import type { Action, Closing, ItemDraft, OfferedAction, Payload } from '../../bots/bot.ts';
import type { Tool } from '../tools.ts';

export type Reading = {
  tool: Tool;
  /** Whose own account read it; everybody is named by the items themselves otherwise. */
  agent?: { localpart: string; mxid: string };
  /** ms: the sweep's start, the revision of what has none. */
  stampMs: number;
  /** Unique for this sweep: in the ids of its deliveries. */
  requestId: string;
  /** SHA-256, hex. */
  digest: (text: string) => string;
  /** The contract's own schema, given. */
  checkDraft: (draft: unknown) => boolean;
};

/** `isStamped`: the tool gave no revision. */
export type ReadDelivery = Delivery & { isStamped: boolean };
/** `key` where it is certain which object cannot be used. */
export type Rejected = { payload: Payload; reason: string; pointer: string; key?: string };
type Refuse = (reason: string, at?: { pointer?: string | undefined; key?: string | undefined }) => void;
export type ReadResult = {
  deliveries: Map<string, ReadDelivery>;
  closed: Map<string, Required<Pick<Closing, 'state'>> & Closing>;
  rejected: Rejected[];
};

export function readPayloads(payloads: readonly Payload[], reading: Reading): ReadResult {
  const result: ReadResult = { deliveries: new Map(), closed: new Map(), rejected: [] };
  for (const payload of payloads) {
    const refuse: Refuse = (reason, { pointer: at = '', key } = {}) =>
      void result.rejected.push({ payload, reason, pointer: at, ...(key !== undefined && { key: fullKey(reading, key) }) });
    try {
      readOne(payload, reading, result, refuse);
    } catch (error) {
      refuse(`défaut du robot : ${error instanceof Error ? error.name : 'inconnu'}`);
    }
  }
  return result;
}

function readOne(payload: Payload, reading: Reading, result: ReadResult, refuse: Refuse): void {
  const { bot, config, origins, timeZone } = reading.tool;
  const { items, rejected, closed = [] } = bot.normalise(payload, { baseUrl: origins[0] ?? '', timeZone, config });
  for (const { reason, ...at } of rejected) refuse(reason, at);
  for (const closing of closed) result.closed.set(fullKey(reading, closing.key), { state: 'done', ...closing });
  for (const draft of items) {
    if (!reading.checkDraft(draft)) refuse('défaut du robot : objet d’une forme impossible');
    else if (draft.state !== undefined && CLOSED_STATES.includes(draft.state))
      result.closed.set(fullKey(reading, draft.key), closingOf(draft));
    else {
      const made = deliveryOf(draft, reading);
      const { key } = draft;
      if (typeof made === 'string') refuse(made, { key });
      else if ('flaws' in made)
        made.flaws.slice(0, 3).forEach(({ path, detail }) => refuse(detail, { pointer: pointer(path.slice(1)), key }));
      // Listed twice (late and pending, two pages that moved): the newest counts.
      else if ((result.deliveries.get(made.key)?.revision ?? -1) <= made.revision) result.deliveries.set(made.key, made);
    }
  }
}

function closingOf({ key, state, revision }: ItemDraft): Required<Pick<Closing, 'state'>> & Closing {
  const ended = state === 'cancelled' || state === 'expired' ? state : 'done';
  return { key, state: ended, ...(revision !== undefined && { revision }) };
}

export function fullKey({ tool: { connection } }: Pick<Reading, 'tool'>, key: string): string {
  return itemKey(connection.bot, connection.id, key);
}

type Flaws = Extract<ReturnType<typeof checkEvent>, { flaws: unknown }>;

function deliveryOf(draft: ItemDraft, reading: Reading): ReadDelivery | Flaws | string {
  const { tool, agent, stampMs, requestId, digest } = reading;
  const { connection } = tool;
  const to = agent === undefined ? addressees(draft.people ?? []) : [{ mxid: agent.mxid, ...reasonOf(draft.people ?? []) }];
  if (to.length === 0) return 'aucune personne à qui le remettre';
  const revision = draft.revision ?? stampMs;
  const time = draft.updatedAt ?? new Date(draft.revision !== undefined && draft.revision > 1e12 ? draft.revision : stampMs).toISOString();
  const hosts = hostsOf(tool);
  const { updatedAt: _updatedAt, ...said } = neutral(draft, tool);
  const item = {
    ...said,
    revision,
    people: (said.people ?? []).filter(isShown).map(oneAddress),
    ...linksOf(said, hosts),
    actions: actionsOf(said.actions ?? [], tool, hosts),
  };
  const event = {
    specversion: '1.0',
    id: requestId,
    source: `urn:ecritoire:${connection.bot}`,
    type: 'fr.ecritoire.sweep',
    time,
    data: { op: 'upsert', to, item },
  };
  const result = checkEvent(event, { bot: connection.bot, connection: connection.id, order: 'revision', hosts, hasCallback: true });
  if ('flaws' in result) return result;
  const { checked } = result;
  const isStamped = draft.revision === undefined;
  const { change } = checked;
  const content = change.op === 'upsert' && {
    ...change,
    item: { ...change.item, revision: isStamped ? 0 : revision, updatedAt: draft.updatedAt },
  };
  const contentDigest = digest(canonicalize(content) ?? '');
  return { ...checked, id: `${requestId}/${draft.key}`, digest: contentDigest, contentDigest, isStamped };
}

const ADDRESSES = ['mail', 'uid', 'matricule', 'mxid', 'group'] as const;

/** Whoever it is `for`, by the first of her identifiers. */
function addressees(people: readonly Person[]): Record<string, string>[] {
  return people
    .filter(({ role }) => role === 'for')
    .flatMap((person) => {
      const kind = ADDRESSES.find((one) => person[one] !== undefined && person[one] !== '');
      return kind === undefined ? [] : [{ [kind]: person[kind] ?? '', ...(person.reason !== undefined && { reason: person.reason }) }];
    });
}

function reasonOf(people: readonly Person[]): { reason?: string } {
  const reason = people.find((person) => person.role === 'for' && person.reason !== undefined)?.reason;
  return reason === undefined ? {} : { reason };
}

/** A bare address says only how the tool reached her (`to` holds it): on her card it would tell her of herself, and of her colleagues' addresses. */
function isShown({ role, name, group }: Person): boolean {
  return role !== 'for' || (name ?? group) !== undefined;
}

function oneAddress(person: Person): Person {
  const kind = ADDRESSES.find((one) => person[one] !== undefined);
  const { role, name, reason } = person;
  return { role, ...(name !== undefined && { name }), ...(reason !== undefined && { reason }), ...(kind && { [kind]: person[kind] }) };
}

/** Of HR and the like the desk shows one sentence; the tool holds the rest. */
function neutral(draft: ItemDraft, { bot }: Tool): ItemDraft {
  const sentence = bot.manifest.kinds.find(({ id }) => id === draft.kind)?.neutral;
  if (sentence === undefined) return draft;
  const { key, revision, kind, severity, state, dueAt, updatedAt, url, people = [], actions } = draft;
  const addressed = people.filter(({ role }) => role === 'for');
  return { key, revision, kind, title: sentence, severity, state, dueAt, updatedAt, url, people: addressed, actions };
}

function hostsOf({ connection, origins }: Tool): string[] {
  return [...connection.hosts, ...origins.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).host)];
}

/** Links to where the connection does not declare are left out: the item is worth more than one of its links. */
function linksOf({ url, joinUrl, documents }: ItemDraft, hosts: readonly string[]): Partial<ItemDraft> {
  const own = (link: string | undefined): string | undefined => (link !== undefined && isGood(link, hosts) ? link : undefined);
  return { url: own(url), joinUrl: own(joinUrl), documents: documents?.filter((document) => isGood(document.url, hosts)) };
}

function isGood(link: string, hosts: readonly string[]): boolean {
  return linkFault(link) === undefined && isDeclared(link, hosts);
}

/** What stands in the bot's `actions`, and what the item says otherwise. Unknown ids and red ones that lead nowhere are left out. */
function actionsOf(offered: readonly OfferedAction[], { bot }: Tool, hosts: readonly string[]): object[] {
  return offered.flatMap(({ id, ...said }) => {
    const known: Action<unknown, unknown> | undefined = Object.hasOwn(bot.actions, id) ? bot.actions[id] : undefined;
    if (known === undefined) return [];
    const action = { risk: known.risk, label: known.label, repeatable: known.repeatable, input: known.input, ...said, id };
    if (action.risk !== 'red') return [{ ...action, href: undefined }];
    return action.href !== undefined && isGood(action.href, hosts) ? [action] : [];
  });
}
